//! Does a name say that its value is a credential, and whose?

use crate::rule::Vendor;
use std::collections::HashSet;
use std::sync::LazyLock;

type Words = LazyLock<HashSet<&'static str>>;

fn words_of(list: &'static str) -> HashSet<&'static str> {
    list.split_ascii_whitespace().collect()
}

/// What a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameClass {
    /// Chosen by people: may be short.
    Password,
    /// Generated.
    Secret,
    /// Generated.
    Token,
}

/// Last words that turn a credential's name into something about it.
static ABOUT: Words = LazyLock::new(|| {
    words_of(
        "account action address age alg algorithm arn at attempts audience auth bits bucket budget by \
         bytes cache change changed checksum class cmd column command complexity config count created \
         curve data_key date details digest dir directory domain email enabled encoder encoding \
         endpoint env error errors event events exists expiration expired expires expiry field fields \
         file filename files fingerprint format found function generator group handler hash hashes \
         header headers helper hint host id ids idx in index info input inputs interval issuer item \
         items kind label len length limit limits list location login manager map max md5 mechanism \
         message metadata method methods min mode model module msg name names num number object only \
         order owner package param params path paths per plugin policy port position prefix prompt \
         provider rate ref refs region remaining required reset retries role rotation schema scope \
         scopes server service set sha sha1 sha256 size source spec status stdin stdout store \
         strength suffix table template test tests time timeout timestamp total ttl type types update \
         updated uri url urls usage usages used user username util utils valid validation validator \
         var vars version versions window",
    )
});

/// First words that do the same.
static BEFORE: Words = LazyLock::new(|| {
    words_of(
        "arrow cache cancellation column csrf dedupe dict disable duplicate enable event foreign \
         forgot group has hash hot i18n idempotency invalid is lexer map max min missing need needs \
         next no num object partition primary public registry require restore routing row skip sort \
         syntax total translation unexpected use xsrf",
    )
});

/// Words in front of `key` that make it a credential.
static KEYED: Words = LazyLock::new(|| {
    words_of(
        "access account admin aes api app application auth backup bot client consumer cookie crypto \
         deploy dev developer dsn encrypt encryption function gpg hmac host ingest ingestion \
         integration jwt licence license live master org organization personal pgp primary private \
         prod production publish read recovery rest root rsa sandbox secondary secret security server \
         service session shared sign signing ssh storage subscription test trial user webhook \
         webhooks write",
    )
});

/// What a name says, or `None` when it does not name a credential.
pub(super) fn classify(name: &[u8], vendors: &Vendors) -> Option<NameClass> {
    let words = words(name);
    let last = words.last()?.as_str();
    if BEFORE.contains(words[0].as_str()) && words.len() > 1 {
        return None;
    }
    if ABOUT.contains(last) && !is_credential_word(last) {
        return None;
    }
    let joined: String = words.concat();
    // The shell's working folders.
    if joined == "pwd" || joined == "oldpwd" {
        return None;
    }
    if let Some(class) = password_or_secret(&words, &joined) {
        return Some(class);
    }
    if last == "key" || last == "keys" {
        let keyed = words[..words.len() - 1]
            .iter()
            .any(|word| KEYED.contains(word.as_str()));
        return (keyed || vendors.of_words(&words).is_some()).then_some(NameClass::Token);
    }
    KEYED
        .iter()
        .any(|word| joined.ends_with(&format!("{word}key")))
        .then_some(NameClass::Token)
}

fn is_credential_word(word: &str) -> bool {
    matches!(word, "auth")
}

fn password_or_secret(words: &[String], joined: &str) -> Option<NameClass> {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let last = words.last()?.as_str();
    if has(&[
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "passcode",
        "passwrd",
        "userpass",
        "psw",
        "pswd",
    ]) || joined.ends_with("password")
        || joined.ends_with("passwd")
        || joined.ends_with("pwd")
        || (last == "pass" && words.len() > 1)
        || (last.ends_with("pass") && words.len() > 1)
    {
        return Some(NameClass::Password);
    }
    if has(&[
        "secret",
        "secrets",
        "credential",
        "credentials",
        "creds",
        "salt",
        "pepper",
    ]) || joined.ends_with("secret")
    {
        return Some(NameClass::Secret);
    }
    let token = has(&[
        "token",
        "apikey",
        "apitoken",
        "accesskey",
        "authkey",
        "privatekey",
        "secretkey",
        "pat",
        "jwt",
        "bearer",
        "authorization",
    ]) || joined.ends_with("token")
        || joined.ends_with("apikey")
        || joined.ends_with("authkey")
        || (last == "auth" && words.len() > 1)
        || (last == "dsn");
    token.then_some(NameClass::Token)
}

/// Lower-case words of a name: cut at punctuation and at camel case.
pub(super) fn words(name: &[u8]) -> Vec<String> {
    name.chunk_by(|a, b| {
        a.is_ascii_alphanumeric()
            && b.is_ascii_alphanumeric()
            && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
    })
    .filter(|part| part[0].is_ascii_alphanumeric())
    .map(|part| String::from_utf8_lossy(part).to_ascii_lowercase())
    .collect()
}

/// Vendors by the words of names.
#[derive(Debug, Default)]
pub(super) struct Vendors {
    by_alias: std::collections::HashMap<String, String>,
}

/// First words of names that are no vendor's.
static NOBODY: Words = LazyLock::new(|| {
    words_of(
        "access account admin ansible api app application auth authorization backend bearer become \
         bot build cd cert ci client com common config consumer cookie credential credentials creds \
         csrf data database db default deploy dev development email encryption env external frontend \
         ftp git hook http https id input internal jwt key keystore ldap license login mail master my \
         new next oauth oauth2 old org pass passwd password personal private prod production project \
         proxy public publish pwd react refresh registry release repo repository root secret server \
         service session sftp shared signing site smtp spring ssh ssl stage staging storage store \
         sudo system test testing tests tf the tls token truststore user var vite web webhook x",
    )
});

impl Vendors {
    pub(super) fn new(vendors: &[Vendor]) -> Self {
        let by_alias = vendors
            .iter()
            .flat_map(|vendor| {
                vendor
                    .aliases
                    .iter()
                    .map(|alias| (alias.replace(['-', '_', ' '], ""), vendor.id.clone()))
            })
            .collect();
        Self { by_alias }
    }

    /// A vendor we have rules for whose word stands in the name.
    fn of_words(&self, words: &[String]) -> Option<&str> {
        let single = words.iter().find_map(|word| self.by_alias.get(word));
        let double = || {
            words
                .windows(2)
                .find_map(|pair| self.by_alias.get(&pair.concat()))
        };
        single.or_else(double).map(String::as_str)
    }

    /// The vendor that a credential's name tells: a known one, else its first
    /// word when that is not a word of everybody's.
    pub(super) fn of_name(&self, name: &[u8]) -> Option<String> {
        let words = words(name);
        if let Some(known) = self.of_words(&words) {
            return Some(known.to_owned());
        }
        let first = words.first()?;
        let plain = words.len() >= 2
            && first.len() >= 3
            && first.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !NOBODY.contains(first.as_str());
        plain.then(|| first.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str) -> Option<NameClass> {
        classify(name.as_bytes(), &Vendors::default())
    }

    #[test]
    fn names_of_credentials() {
        for name in [
            "DB_PASSWORD",
            "password",
            "signing.password",
            "mysqlPassword",
            "PGPASSWORD",
            "SMTP_PASS",
        ] {
            assert_eq!(class(name), Some(NameClass::Password), "{name}");
        }
        for name in [
            "API_KEY",
            "apiKey",
            "x-api-key",
            "LINEAR_API_KEY",
            "accessToken",
            "system.github.token",
            "AccountKey",
        ] {
            assert_eq!(class(name), Some(NameClass::Token), "{name}");
        }
        assert_eq!(class("client_secret"), Some(NameClass::Secret));
    }

    #[test]
    fn names_about_credentials() {
        for name in [
            "password_file",
            "TOKEN_URL",
            "secretName",
            "max_tokens",
            "cache-key",
            "public_key",
            "key",
            "access_key_id",
            "primary_key",
            "tokenizer",
            "passed",
            "monkey",
        ] {
            assert_eq!(class(name), None, "{name}");
        }
    }

    #[test]
    fn the_name_tells_the_vendor() {
        let vendors = Vendors::new(&[Vendor {
            id: "github".into(),
            name: "GitHub".into(),
            aliases: vec!["github".into(), "gh".into()],
        }]);
        assert_eq!(
            vendors.of_name(b"LINEAR_API_KEY").as_deref(),
            Some("linear")
        );
        assert_eq!(vendors.of_name(b"MY_GH_TOKEN").as_deref(), Some("github"));
        assert_eq!(vendors.of_name(b"DB_PASSWORD"), None);
    }
}
