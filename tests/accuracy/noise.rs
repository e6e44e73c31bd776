//! Lines of builds in which nothing leaks.

use leaksweep::rule::template::{Seed, expand};

const LINES: [&str; 48] = [
    "Download action repository 'actions/checkout@v4' (SHA:{hex:40})",
    "Digest: sha256:{hex:64}",
    "{hex:12}: Pull complete",
    "{hex:64}",
    " ---> {hex:12}",
    "#12 exporting layers 1.{digits:1}s done",
    "#12 writing image sha256:{hex:64} done",
    "Cache restored from key: node-cache-Linux-x64-npm-{hex:64}",
    "Cache hit for: Linux-cargo-{hex:40}",
    "Created wheel for wrapt: filename=wrapt-1.16.0-py3-none-any.whl size={digits:5} sha256={hex:64}",
    "  Stored in directory: /tmp/pip-ephem-wheel-cache-{lower:8}/wheels/{hex:2}/{hex:2}/{hex:60}",
    "HEAD is now at {hex:7} Merge {hex:40} into {hex:40}",
    "remote: Counting objects: 100% ({digits:4}/{digits:4}), done.",
    " * [new ref]         {hex:40} -> origin/main",
    "  Resolved git+https://github.com/acme/lib.git to commit {hex:40}",
    "   Compiling serde_json v1.0.1{digits:2}",
    "   Compiling aho-corasick v1.1.{digits:1}",
    "[INFO] Downloaded from central: https://repo.maven.apache.org/maven2/org/acme/{lower:6}/1.{digits:1}/{lower:6}-1.{digits:1}.jar (1{digits:1} kB at {digits:2} kB/s)",
    "[INFO] --- maven-surefire-plugin:3.2.5:test (default-test) @ auth-token-service ---",
    "> Task :auth:compileJava UP-TO-DATE",
    "> Task :secret-store:processResources NO-SOURCE",
    "jsonwebtoken:jjwt-api:jar:0.11.2:compile",
    "test auth::session::token_expires_after_an_hour ... ok",
    "PASS src/components/PasswordField.test.tsx ({digits:1}.{digits:3} s)",
    "    \u{2713} refuses a wrong password ({digits:2} ms)",
    "npm warn deprecated {lower:7}@2.{digits:1}.{digits:1}: this module is no longer supported",
    "added {digits:4} packages, and audited {digits:4} packages in {digits:2}s",
    "    \"integrity\": \"sha512-{base64:86}==\",",
    "    resolved \"https://registry.yarnpkg.com/{lower:7}/-/{lower:7}-1.0.{digits:1}.tgz#{hex:40}\"",
    "Successfully built {hex:12}",
    "Run id {uuid} queued at 2025-03-15T10:00:{digits:2}Z",
    "  with: token: ***",
    "  GITHUB_TOKEN: ***",
    "  password: ***",
    "AUTHORIZATION: basic ***",
    "[command]/usr/bin/git config --local http.https://github.com/.extraheader AUTHORIZATION: basic ***",
    "Temporarily overriding HOME='/home/runner/work/_temp/{uuid}' before making global git config changes",
    "##[group]Run actions/setup-node@{hex:40}",
    "Artifact upload has finished successfully! Artifact ID {digits:9}",
    "SHA256 hash of uploaded artifact zip is {hex:64}",
    "docker pull registry.example.com/acme/api@sha256:{hex:64}",
    "Fingerprint: SHA256:{base64:43}",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{base64:43} deploy@example.com",
    "coverage: {digits:2}.{digits:1}% of statements in ./internal/credentials/...",
    "go: downloading github.com/acme/oauth2-token v0.{digits:1}.0-20240315{digits:6}-{hex:12}",
    "h1:{base64:43}=",
    "Requirement already satisfied: secretstorage>=3.2 in ./venv/lib/python3.12/site-packages",
    "Waiting for deployment {lower:8}-{alnum:10}-{alnum:5} to become ready: 1 of 3 updated",
];

/// Templates and their fillings.
pub(super) fn lines(count: u64) -> impl Iterator<Item = (&'static str, String)> {
    (0..count).map(|seed| {
        let template = LINES[(seed % LINES.len() as u64) as usize];
        (
            template,
            expand(template, &mut Seed::of(seed, template)).unwrap(),
        )
    })
}
