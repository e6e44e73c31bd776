//! Does a name say that its value is a credential, and whose?

use crate::rule::form::{self, Fit};
use crate::rule::{DetectorKind, RuleSet};
use foldhash::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::{LazyLock, OnceLock};

type List = LazyLock<HashSet<&'static str>>;

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
    /// `?key=`, `session`, `cookie`: only a value that could be nothing else.
    Vague,
}

/// Last words that turn a credential's name into something about it.
static ABOUT: List = LazyLock::new(|| {
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
static BEFORE: List = LazyLock::new(|| {
    words_of(
        "arrow authenticity cache cancellation column csrf dedupe dict disable duplicate enable event foreign \
         forgot group has hash hot i18n idempotency invalid is lexer map max min missing need needs \
         next no non num object partition primary public registry require restore routing row skip sort \
         syntax total translation unexpected use xdg xsrf",
    )
});

/// Words in front of `key` that make it a credential.
static KEYED: List = LazyLock::new(|| {
    words_of(
        "access account admin aes api app application auth authentication backup bot client consumer cookie crypto \
         deploy dev developer dsn encrypt encryption function gpg hmac host ingest ingestion \
         integration jwt licence license live master org organization personal pgp preshared primary private \
         prod production publish read recovery rest root rsa sandbox secondary secret security server \
         service session shared sign signing ssh storage subscription test trial user webhook \
         webhooks write",
    )
});

/// Words of secrets that people make up and tell a vendor: these have any shape.
static CHOSEN: List = LazyLock::new(|| {
    words_of("cookie encryption hmac hook jwt pepper salt session shared sign signing webhook")
});

/// What a name says, or `None` when it does not name a credential.
pub(super) fn classify(name: &[u8], vendors: &Vendors) -> Option<NameClass> {
    let words = Words::of(name);
    let (first, last) = words.first_and_last()?;
    if words.count() > 1 && BEFORE.contains(first) {
        return None;
    }
    if ABOUT.contains(last) && !is_credential_word(last) {
        return None;
    }
    let joined = words.joined.as_str();
    // The shell's working folder before the last `cd`.
    if joined == "oldpwd" {
        return None;
    }
    if matches!(last, "session" | "sessionid" | "cookie") {
        return Some(NameClass::Vague);
    }
    if let Some(class) = password_or_secret(&words) {
        return Some(class);
    }
    if last == "key" || last == "keys" {
        let mut before = words.iter().take(words.count() - 1);
        let keyed = before.any(|word| KEYED.contains(word));
        return (keyed || vendors.of_words(&words).is_some()).then_some(NameClass::Token);
    }
    let keyed = joined.strip_suffix("key");
    keyed
        .is_some_and(|rest| KEYED.iter().any(|word| rest.ends_with(word)))
        .then_some(NameClass::Token)
}

fn is_credential_word(word: &str) -> bool {
    matches!(word, "auth")
}

fn password_or_secret(words: &Words) -> Option<NameClass> {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word));
    let (_, last) = words.first_and_last()?;
    let (joined, alone) = (words.joined.as_str(), words.count() == 1);
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
        "pswrd",
        "paswd",
        "pasword",
        "paswrd",
        "pw",
    ]) || joined.ends_with("password")
        || joined.ends_with("passwd")
        || joined.ends_with("pwd")
        || (last == "pass" && !alone)
        || (last.ends_with("pass") && !alone)
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
        || (last == "auth" && !alone)
        || (last == "dsn");
    token.then_some(NameClass::Token)
}

/// Lower-case words of a name: cut at punctuation and at camel case.
struct Words {
    /// All of them in a row.
    joined: String,
    /// Where each of them ends there.
    ends: Vec<usize>,
}

impl Words {
    fn of(name: &[u8]) -> Self {
        let parts = name.chunk_by(|a, b| {
            a.is_ascii_alphanumeric()
                && b.is_ascii_alphanumeric()
                && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
        });
        let mut words = Self {
            joined: String::with_capacity(name.len()),
            ends: Vec::with_capacity(8),
        };
        for part in parts.filter(|part| part[0].is_ascii_alphanumeric()) {
            let lower = part.iter().map(u8::to_ascii_lowercase);
            words.joined.extend(lower.map(char::from));
            words.ends.push(words.joined.len());
        }
        words
    }

    fn count(&self) -> usize {
        self.ends.len()
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        self.rows(1)
    }

    /// Each so many words in a row.
    fn rows(&self, len: usize) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let ends = self.ends.iter().skip(len - 1);
        starts
            .zip(ends)
            .map(|(&start, &end)| &self.joined[start..end])
    }

    fn first_and_last(&self) -> Option<(&str, &str)> {
        self.iter().next().zip(self.iter().last())
    }
}

/// Vendors by the words of names and the beginnings of their tokens.
#[derive(Debug, Default)]
pub(super) struct Vendors {
    by_alias: HashMap<String, String>,
    /// Vendors of whose credentials every shape has a rule.
    shaped: HashSet<String>,
    /// What tokens begin with, lower case: `lin_api_`.
    prefixes: HashSet<Vec<u8>>,
    /// What the credentials of vendors look like, where that is known.
    forms: HashMap<String, Vec<String>>,
}

/// Shorter beginnings are other words' too.
const SHORTEST_PREFIX: usize = 4;
const LONGEST_PREFIX: usize = 24;
/// Bytes that part the beginning of a token from the rest of it.
const PREFIX_ENDS: &[u8] = b"_-.";

/// First words of names that are no vendor's.
static NOBODY: List = LazyLock::new(|| {
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
    pub(super) fn new(rules: &RuleSet) -> Self {
        let named = rules.vendors.iter().flat_map(|vendor| {
            let aliases = vendor.aliases.iter();
            aliases.map(|alias| (alias.replace(['-', '_', ' '], ""), vendor.id.to_string()))
        });
        let patterns = || {
            let rules = rules.rules.iter();
            rules.filter(|rule| rule.detector == DetectorKind::Pattern)
        };
        let open: HashSet<&str> = {
            let vendors = rules.vendors.iter().filter(|vendor| vendor.other_shapes);
            vendors.map(|vendor| &*vendor.id).collect()
        };
        let keywords = patterns()
            .filter(|rule| !rule.contextual)
            .flat_map(|rule| &rule.keywords);
        Self {
            by_alias: named.collect(),
            shaped: patterns()
                .filter(|rule| !open.contains(&*rule.vendor))
                .map(|rule| rule.vendor.to_string())
                .collect(),
            prefixes: keywords
                .filter(|word| is_prefix(word.as_bytes()))
                .map(|word| word.as_bytes().to_vec())
                .collect(),
            forms: rules
                .vendors
                .iter()
                .filter(|vendor| !vendor.forms.is_empty())
                .map(|vendor| (vendor.id.to_string(), vendor.forms.clone()))
                .collect(),
        }
    }

    /// Whether `value` has a form of this vendor's credentials; `None` where
    /// no form is known, or where the value has one and goes on.
    pub(super) fn has_form(&self, vendor: &str, value: &[u8]) -> Option<bool> {
        let forms = self.forms.get(vendor)?;
        let any = |of: Fit| forms.iter().any(|form| form::fit(form, value) == of);
        if any(Fit::Whole) {
            Some(true)
        } else if any(Fit::Longer) {
            None
        } else {
            Some(false)
        }
    }

    /// Whether `value` is no credential of this vendor's: its forms or shapes are
    /// known, and it has none of them.
    pub(super) fn is_unlike(&self, vendor: &str, value: &[u8]) -> bool {
        let form = self.has_form(vendor, value);
        form == Some(false) || (!self.forms.contains_key(vendor) && self.is_shaped(vendor))
    }

    /// Whether every credential of this vendor has a shape for which there is
    /// a rule.
    pub(super) fn is_shaped(&self, vendor: &str) -> bool {
        self.shaped.contains(vendor)
    }

    /// The known vendor that issued what a name promises: what people make up
    /// and tell a vendor has any shape.
    pub(super) fn issuer(&self, name: &[u8]) -> Option<&str> {
        let words = Words::of(name);
        let chosen = words.iter().any(|word| CHOSEN.contains(word));
        self.of_words(&words).filter(|_| !chosen)
    }

    /// Whether the name holds the word of a vendor we know.
    pub(super) fn is_known(&self, name: &[u8]) -> bool {
        self.of_words(&Words::of(name)).is_some()
    }

    /// Whether `value` begins like some vendor's tokens.
    pub(super) fn begins_like_a_token(&self, value: &[u8]) -> bool {
        let head = value[..value.len().min(LONGEST_PREFIX)].to_ascii_lowercase();
        let ends = head
            .iter()
            .enumerate()
            .filter(|(_, byte)| PREFIX_ENDS.contains(byte));
        ends.map(|(at, _)| &head[..=at])
            .any(|prefix| self.prefixes.contains(prefix))
    }

    /// The vendor whose word begins `text`, and that word's length; the
    /// longest word counts.
    pub(super) fn at(&self, text: &[u8]) -> Option<(usize, &str)> {
        let word = text
            .iter()
            .take(LONGEST_ALIAS)
            .take_while(|byte| byte.is_ascii_alphanumeric());
        let word = String::from_utf8_lossy(&text[..word.count()]).to_ascii_lowercase();
        let ends = (1..=word.len()).rev();
        ends.map(|end| (end, &word[..end]))
            .find_map(|(end, alias)| self.by_alias.get(alias).map(|id| (end, id.as_str())))
    }

    /// A vendor we know whose word stands in the name.
    fn of_words(&self, words: &Words) -> Option<&str> {
        let single = words.iter().find_map(|word| self.of_word(word));
        let double = || words.rows(2).find_map(|pair| self.by_alias.get(pair));
        single.or_else(double).map(String::as_str)
    }

    /// The vendor of a word: `acme`, and `acmetoken` as well.
    fn of_word(&self, word: &str) -> Option<&String> {
        const GLUED: &[&str] = &["apikey", "apitoken", "token", "key", "secret"];
        let stem = || GLUED.iter().find_map(|end| word.strip_suffix(end));
        self.by_alias
            .get(word)
            .or_else(|| self.by_alias.get(stem()?))
    }

    /// The vendor that a credential's name tells: a known one, else its first
    /// word when that is not a word of everybody's.
    pub(super) fn of_name(&self, name: &[u8]) -> Option<String> {
        let words = Words::of(name);
        if let Some(known) = self.of_words(&words) {
            return Some(known.to_owned());
        }
        let (first, _) = words.first_and_last()?;
        let plain = words.count() >= 2
            && first.len() >= 3
            && first.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !NOBODY.contains(first);
        plain.then(|| first.to_owned())
    }
}

/// The vendors of `rules`, made ready when they are first asked for: most logs
/// of a few lines hold no name that could tell one.
#[derive(Clone, Copy)]
pub(super) struct LazyVendors<'a> {
    pub made: &'a OnceLock<Vendors>,
    pub rules: &'a RuleSet,
}

impl Deref for LazyVendors<'_> {
    type Target = Vendors;

    fn deref(&self) -> &Vendors {
        self.made.get_or_init(|| Vendors::new(self.rules))
    }
}

/// Vendors' words are shorter.
pub(super) const LONGEST_ALIAS: usize = 32;

/// `lin_api_`, but neither `sk-` nor `https://`.
fn is_prefix(keyword: &[u8]) -> bool {
    keyword.len() >= SHORTEST_PREFIX
        && keyword[0].is_ascii_alphanumeric()
        && keyword
            .last()
            .is_some_and(|byte| PREFIX_ENDS.contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Vendor;

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

    fn vendors(forms: &[&str]) -> Vendors {
        Vendors::new(&RuleSet {
            rules: Vec::new(),
            vendors: vec![Vendor {
                id: "github".into(),
                name: "GitHub".into(),
                aliases: vec!["github".into(), "gh".into()],
                other_shapes: false,
                forms: forms.iter().map(|form| (*form).to_owned()).collect(),
            }]
            .into(),
        })
    }

    #[test]
    fn values_are_compared_with_the_forms_of_the_vendor() {
        let vendors = vendors(&["{hex:8}", "gh_{digits:4}"]);
        assert_eq!(vendors.has_form("github", b"0123abcd"), Some(true));
        assert_eq!(vendors.has_form("github", b"gh_1234"), Some(true));
        assert_eq!(vendors.has_form("github", b"0123abcd9"), None);
        assert_eq!(vendors.has_form("github", b"0123"), Some(false));
        assert_eq!(vendors.has_form("gitlab", b"0123"), None);
        assert_eq!(vendors.issuer(b"GITHUB_API_KEY"), Some("github"));
        assert_eq!(vendors.issuer(b"githubtoken"), Some("github"));
        assert_eq!(vendors.issuer(b"GITHUB_WEBHOOK_SECRET"), None);
    }

    #[test]
    fn the_name_tells_the_vendor() {
        let vendors = vendors(&[]);
        assert_eq!(
            vendors.of_name(b"LINEAR_API_KEY").as_deref(),
            Some("linear")
        );
        assert_eq!(vendors.of_name(b"MY_GH_TOKEN").as_deref(), Some("github"));
        assert_eq!(vendors.of_name(b"DB_PASSWORD"), None);
    }
}
