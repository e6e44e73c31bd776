//! Bytes encrypted with age for one recipient, as they pass.

use age::x25519;
use std::io::{self, Read, Write};
use std::str::FromStr;

/// Who can read what was sealed: an age X25519 recipient (`age1…`). It is a
/// public key and may be shown.
#[derive(Debug, Clone)]
pub struct Recipient(x25519::Recipient);

/// A text that is no recipient. The text is not repeated: who mistakes the
/// identity for the recipient should not find it in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an age recipient\n\
     hint: give the public key, which begins with age1; `age-keygen -y` prints it"
)]
pub struct NoRecipient;

impl FromStr for Recipient {
    type Err = NoRecipient;

    fn from_str(text: &str) -> Result<Self, NoRecipient> {
        text.trim().parse().map(Self).map_err(|_| NoRecipient)
    }
}

impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Writes all of `input`, encrypted for `recipient`, to `out` in the binary age
/// format. Memory does not grow with the input. Returns the bytes that were
/// read. If it fails, what was written is cut off and cannot be decrypted to
/// its end.
pub fn seal(recipient: &Recipient, input: &mut dyn Read, out: &mut dyn Write) -> io::Result<u64> {
    let recipients = std::iter::once(&recipient.0 as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
    let mut sealed = encryptor.wrap_output(out)?;
    let bytes = io::copy(input, &mut sealed)?;
    sealed.finish()?.flush()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(identity: &x25519::Identity, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let decryptor = age::Decryptor::new(sealed).map_err(io::Error::other)?;
        let identities = std::iter::once(identity as &dyn age::Identity);
        let mut reader = decryptor.decrypt(identities).map_err(io::Error::other)?;
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn only_the_identity_opens_what_was_sealed() {
        let identity = x25519::Identity::generate();
        let recipient: Recipient = identity.to_public().to_string().parse().unwrap();
        for len in [0, 5, 200_000] {
            let log: Vec<u8> = (0..len).map(|i: u32| (i % 251) as u8).collect();
            let mut sealed = Vec::new();
            let read = seal(&recipient, &mut &log[..], &mut sealed).unwrap();
            assert_eq!(read, u64::from(len));
            assert!(opened(&identity, &sealed).unwrap() == log);
            assert!(opened(&x25519::Identity::generate(), &sealed).is_err());
            assert!(opened(&identity, &sealed[..sealed.len() - 1]).is_err());
        }
    }

    #[test]
    fn a_recipient_is_told_from_everything_else() {
        use age::secrecy::ExposeSecret;
        let identity = x25519::Identity::generate();
        let public = identity.to_public().to_string();
        assert_eq!(public.parse::<Recipient>().unwrap().to_string(), public);
        let secret = identity.to_string();
        for text in ["x", "age1", "ssh-ed25519 AAAA", secret.expose_secret()] {
            let error = text.parse::<Recipient>().unwrap_err().to_string();
            assert!(error.contains("hint: give the public key"));
            assert!(text.len() < 5 || !error.contains(text));
        }
    }
}
