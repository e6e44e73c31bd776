//! Does a name say that its value is a credential, and whose?

use crate::rule::Vendor;

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
const ABOUT: &[&str] = &[
    "name",
    "names",
    "id",
    "ids",
    "file",
    "files",
    "filename",
    "path",
    "paths",
    "url",
    "uri",
    "urls",
    "type",
    "types",
    "length",
    "len",
    "size",
    "count",
    "ttl",
    "expiry",
    "expires",
    "expiration",
    "expired",
    "policy",
    "field",
    "fields",
    "hash",
    "hashes",
    "version",
    "versions",
    "arn",
    "endpoint",
    "provider",
    "enabled",
    "required",
    "mode",
    "algorithm",
    "alg",
    "format",
    "prefix",
    "suffix",
    "label",
    "input",
    "inputs",
    "param",
    "params",
    "env",
    "var",
    "vars",
    "ref",
    "refs",
    "location",
    "dir",
    "directory",
    "store",
    "issuer",
    "audience",
    "scope",
    "scopes",
    "kind",
    "status",
    "timeout",
    "manager",
    "service",
    "header",
    "headers",
    "address",
    "in",
    "at",
    "by",
    "checksum",
    "fingerprint",
    "digest",
    "sha",
    "sha1",
    "sha256",
    "md5",
    "rotation",
    "age",
    "date",
    "time",
    "timestamp",
    "hint",
    "prompt",
    "message",
    "msg",
    "error",
    "errors",
    "usage",
    "limit",
    "limits",
    "budget",
    "index",
    "idx",
    "number",
    "num",
    "position",
    "column",
    "order",
    "map",
    "list",
    "set",
    "exists",
    "found",
    "valid",
    "validator",
    "validation",
    "generator",
    "template",
    "test",
    "tests",
    "spec",
    "class",
    "method",
    "function",
    "handler",
    "helper",
    "util",
    "utils",
    "config",
    "source",
    "server",
    "host",
    "port",
    "domain",
    "user",
    "username",
    "login",
    "email",
    "owner",
    "account",
    "group",
    "role",
    "region",
    "bucket",
    "model",
    "schema",
    "table",
    "event",
    "events",
    "cache",
    "package",
    "module",
    "plugin",
    "attempts",
    "retries",
    "strength",
    "complexity",
    "reset",
    "change",
    "changed",
    "update",
    "updated",
    "created",
    "action",
    "command",
    "cmd",
    "stdin",
    "stdout",
    "only",
    "auth",
    "mechanism",
    "method",
    "methods",
    "object",
    "item",
    "items",
    "usages",
    "bits",
    "bytes",
    "curve",
    "info",
    "details",
    "metadata",
    "data_key",
    "encoding",
    "encoder",
    "interval",
    "window",
    "rate",
    "total",
    "remaining",
    "used",
    "per",
    "max",
    "min",
];

/// First words that do the same.
const BEFORE: &[&str] = &[
    "max",
    "min",
    "num",
    "total",
    "public",
    "primary",
    "foreign",
    "cache",
    "sort",
    "partition",
    "hash",
    "restore",
    "no",
    "use",
    "has",
    "is",
    "need",
    "needs",
    "skip",
    "disable",
    "enable",
    "require",
    "invalid",
    "missing",
    "forgot",
    "next",
    "cancellation",
    "csrf",
    "xsrf",
    "syntax",
    "unexpected",
    "lexer",
    "idempotency",
    "duplicate",
    "registry",
    "routing",
    "translation",
    "i18n",
    "dedupe",
    "event",
    "object",
    "row",
    "column",
    "arrow",
    "hot",
    "map",
    "dict",
    "group",
];

/// Words in front of `key` that make it a credential.
const KEYED: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "auth",
    "account",
    "master",
    "encryption",
    "encrypt",
    "signing",
    "sign",
    "license",
    "licence",
    "ssh",
    "deploy",
    "service",
    "subscription",
    "function",
    "shared",
    "storage",
    "admin",
    "app",
    "application",
    "consumer",
    "client",
    "server",
    "write",
    "ingest",
    "ingestion",
    "integration",
    "rest",
    "live",
    "prod",
    "production",
    "user",
    "developer",
    "dev",
    "personal",
    "root",
    "jwt",
    "session",
    "cookie",
    "webhook",
    "hmac",
    "aes",
    "crypto",
    "bot",
    "dsn",
    "read",
    "primary",
    "secondary",
    "host",
    "webhooks",
    "publish",
    "org",
    "organization",
    "security",
    "recovery",
    "backup",
    "trial",
    "sandbox",
    "test",
    "rsa",
    "pgp",
    "gpg",
];

/// What a name says, or `None` when it does not name a credential.
pub(super) fn classify(name: &[u8], vendors: &Vendors) -> Option<NameClass> {
    let words = words(name);
    let last = words.last()?.as_str();
    if BEFORE.contains(&words[0].as_str()) && words.len() > 1 {
        return None;
    }
    if ABOUT.contains(&last) && !is_credential_word(last) {
        return None;
    }
    let joined: String = words.concat();
    if let Some(class) = password_or_secret(&words, &joined) {
        return Some(class);
    }
    if last == "key" || last == "keys" {
        let keyed = words[..words.len() - 1]
            .iter()
            .any(|word| KEYED.contains(&word.as_str()));
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
const NOBODY: &[&str] = &[
    "my",
    "the",
    "app",
    "application",
    "prod",
    "production",
    "dev",
    "development",
    "test",
    "tests",
    "testing",
    "staging",
    "stage",
    "ci",
    "cd",
    "db",
    "database",
    "user",
    "admin",
    "root",
    "api",
    "access",
    "secret",
    "private",
    "auth",
    "client",
    "server",
    "service",
    "access",
    "master",
    "session",
    "jwt",
    "encryption",
    "signing",
    "deploy",
    "default",
    "new",
    "old",
    "input",
    "env",
    "tf",
    "var",
    "vite",
    "next",
    "react",
    "public",
    "x",
    "key",
    "token",
    "password",
    "passwd",
    "pwd",
    "pass",
    "bearer",
    "oauth",
    "oauth2",
    "refresh",
    "id",
    "web",
    "http",
    "https",
    "proxy",
    "backend",
    "frontend",
    "internal",
    "external",
    "shared",
    "common",
    "config",
    "system",
    "project",
    "login",
    "account",
    "data",
    "bot",
    "ssh",
    "smtp",
    "mail",
    "email",
    "ftp",
    "sftp",
    "ldap",
    "sudo",
    "ansible",
    "become",
    "build",
    "release",
    "publish",
    "registry",
    "repo",
    "repository",
    "git",
    "personal",
    "authorization",
    "credential",
    "credentials",
    "creds",
    "cookie",
    "csrf",
    "webhook",
    "hook",
    "site",
    "store",
    "keystore",
    "truststore",
    "ssl",
    "tls",
    "cert",
    "signing",
    "storage",
    "consumer",
    "license",
    "spring",
    "org",
    "com",
];

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
            && !NOBODY.contains(&first.as_str());
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
