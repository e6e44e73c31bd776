//! What looks like a secret and is none: each class by its name.

use super::on_the_case;
use super::variants::Variant;
use leaksweep::rule::template::{Seed, expand};

/// Class and a text of it. Lines that belong together stand in one text.
const CLASSES: [(&str, &str); 69] = [
    (
        "action SHA",
        "Download action repository 'actions/checkout@v4' (SHA:{hex:40})",
    ),
    ("digest", "Digest: sha256:{hex:64}"),
    ("bare container id", "{hex:64}"),
    (
        "wheel hash",
        "Created wheel for wrapt: filename=wrapt-1.16.0-py3-none-any.whl size=77531 sha256={hex:64}",
    ),
    (
        "cache key",
        "Cache restored from key: node-cache-Linux-x64-npm-{hex:64}",
    ),
    (
        "VCS pin",
        "  Resolved https://github.com/acme/lib.git to commit {hex:40}",
    ),
    (
        "temporary path",
        "Removing SSH command configuration at /home/runner/work/_temp/{uuid}/config",
    ),
    ("mask", "AUTHORIZATION: basic ***"),
    ("mask", "  token: ***"),
    ("mask", "https://***:***@github.com/o/r.git"),
    ("mask", "DEPLOY_KEY=[secure]"),
    ("mask", "API_TOKEN=[MASKED]"),
    (
        "presigned GitHub asset",
        "https://objects.githubusercontent.com/github-production-release-asset-2e65be/1?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA{base32:16}%2F20250315%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20250315T100000Z&X-Amz-Expires=300&X-Amz-Signature={hex:64}&X-Amz-SignedHeaders=host",
    ),
    (
        "presigned GitHub asset",
        "Location: https://release-assets.githubusercontent.com/github-production-release-asset/1/{uuid}?sp=r&sv=2018-11-09&sr=b&spr=https&se=2025-03-15T11%3A00%3A00Z&rscd=attachment&skoid={uuid}&sktid={uuid}&skt=2025-03-15T09%3A59%3A00Z&ske=2025-03-15T11%3A00%3A00Z&sks=b&skv=2018-11-09&sig={base62:43}%3D&jwt=***",
    ),
    (
        "presigned result of a runner",
        "https://productionresultssa7.blob.core.windows.net/actions-results/{uuid}/artifacts/{hex:64}.zip?rscd=attachment&rsct=application%2Fzip&se=2025-03-15T10%3A20%3A00Z&sig={base62:20}%2B{base62:22}%3D&ske=2025-03-15T22%3A00%3A00Z&skoid={uuid}&sks=b&skt=2025-03-15T10%3A00%3A00Z&sktid={uuid}&skv=2025-01-05&sp=r&spr=https&sr=b&st=2025-03-15T10%3A00%3A00Z&sv=2025-01-05",
    ),
    (
        "empty value, then a stamp",
        "API_KEY: \n2024-07-19T13:36:17.1234567Z next",
    ),
    (
        "empty value, then a stamp",
        "SECRET_TOKEN=\nmake: Nothing to be done for 'all'.",
    ),
    (
        "unexpanded variable",
        "https://x-access-token:$${{GITHUB_TOKEN}}@github.com/o/r.git",
    ),
    ("unexpanded variable", "TOKEN=$CI_RUNNER_SHORT_TOKEN"),
    (
        "unexpanded variable",
        "password: ${{{{ secrets.DB_PASSWORD }}}}",
    ),
    ("test credentials", "http://user:pass@complex.url.com/path"),
    ("test credentials", "  POSTGRES_PASSWORD: postgres"),
    ("test credentials", "  SECRET: test-secret-key-for-ci"),
    ("package coordinates", "jsonwebtoken:jjwt-api:jar:0.11.2"),
    ("package coordinates", "> Task :auth:compileJava"),
    (
        "package coordinates",
        "test auth::session::SessionData ... ok",
    ),
    ("placeholder", "      + password = (sensitive value)"),
    ("placeholder", "API_KEY=<hidden>"),
    ("placeholder", "password: ********"),
    ("placeholder", "aws_access_key_id = AKIA{upper:9}EXAMPLE"),
    (
        "public material",
        "-----BEGIN CERTIFICATE-----\nMIID{base64:60}\n{base64:64}\n-----END CERTIFICATE-----",
    ),
    (
        "public material",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{base64:200} me@example.com",
    ),
    ("public material", "SHA256:{base64:43} root@host (ED25519)"),
    (
        "public material",
        "\u{1b}[8mha:////4{base64:90}AAAAA==\u{1b}[0mFinished: SUCCESS",
    ),
    (
        "public material",
        "    \"integrity\": \"sha512-{base64:86}==\",",
    ),
    (
        "public material",
        "-----BEGIN PUBLIC KEY-----\nMIIB{base64:60}\n-----END PUBLIC KEY-----",
    ),
    (
        "sample JWT",
        "{b64json:{\"alg\":\"HS256\",\"typ\":\"JWT\"}}.{b64json:{\"sub\":\"1234567890\",\"name\":\"John Doe\",\"iat\":1516239022}}.{base64url:43}",
    ),
    (
        "job token",
        "ACTIONS_ID_TOKEN={b64json:{\"typ\":\"JWT\",\"alg\":\"RS256\"}}.{b64json:{\"iss\":\"https://token.actions.githubusercontent.com\",\"sub\":\"repo:o/r:ref:refs/heads/main\"}}.{base64url:342}",
    ),
    (
        "job token",
        "CI_JOB_JWT_V2={b64json:{\"typ\":\"JWT\",\"alg\":\"RS256\"}}.{b64json:{\"iss\":\"https://gitlab.example.com\",\"job_id\":\"7\",\"pipeline_id\":\"3\"}}.{base64url:342}",
    ),
    ("job token", "CI_JOB_TOKEN=glcbt-64_{base62:20}"),
    (
        "service-account token",
        "token: {b64json:{\"alg\":\"RS256\",\"kid\":\"x\"}}.{b64json:{\"aud\":[\"https://kubernetes.default.svc\"],\"kubernetes.io\":{\"namespace\":\"ci\",\"pod\":{\"name\":\"p\"}},\"sub\":\"system:serviceaccount:ci:default\"}}.{base64url:342}",
    ),
    (
        "join token",
        "kubeadm join 10.0.0.4:6443 --token {alnum:6}.{alnum:16} --discovery-token-ca-cert-hash sha256:{hex:64}",
    ),
    (
        "join token",
        "[bootstrap-token] Using token: {alnum:6}.{alnum:16}",
    ),
    (
        "SCRAM exchange",
        "kafka | client-first-message: n,,n=admin,r={alnum:26}",
    ),
    (
        "SCRAM exchange",
        "kafka | server-first-message: r={alnum:52},s={base64:22}==,i=4096",
    ),
    (
        "SCRAM exchange",
        "kafka | client-final-message: c=biws,r={alnum:52},p={base64:43}=",
    ),
    (
        "SCRAM exchange",
        "SCRAM-SHA-256=[iterations=8192,salt={base64:26}==,stored_key={base64:43}=,server_key={base64:43}=]",
    ),
    (
        "SASL exchange",
        "sasl: S: AUTH CRAM-MD5 + {b64:<1896.697170952@mail.example.com>}",
    ),
    (
        "testcontainers",
        "o.t.c.PostgreSQLContainer - Container started: jdbc:postgresql://localhost:49153/test?user=test&password=test",
    ),
    (
        "testcontainers",
        "Creating container for image postgres:16 with env POSTGRES_PASSWORD=test POSTGRES_USER=test",
    ),
    (
        "testcontainers",
        "testcontainers-go: RABBITMQ_DEFAULT_PASS=guest",
    ),
    (
        "test cluster certificate",
        "kind-control-plane: wrote /etc/kubernetes/pki/apiserver.crt\n-----BEGIN CERTIFICATE-----\nMIIC{base64:60}\n-----END CERTIFICATE-----",
    ),
    (
        "test cluster certificate",
        "    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1J{base64:200}",
    ),
    (
        "test cluster key",
        "writing /tmp/envtest-{digits:9}/pki/sa.key: -----BEGIN RSA PRIVATE KEY-----\\nMIIE{base64:60}\\n{base64:64}\\n{base64:64}\\n-----END RSA PRIVATE KEY-----",
    ),
    (
        "test cluster key",
        "    \"minikube-ci.key\": \"-----BEGIN EC PRIVATE KEY-----\\nMHcCAQEEI{base64:55}\\n{base64:64}\\n{base64:40}\\n-----END EC PRIVATE KEY-----\\n\"",
    ),
    (
        "test cluster key",
        "+ cat /var/lib/minikube/certs/ca.key\n-----BEGIN RSA PRIVATE KEY-----\nMIIE{base64:60}\n{base64:64}\n{base64:64}\n-----END RSA PRIVATE KEY-----",
    ),
    (
        "cookie of a test server",
        "Set-Cookie: XSRF-TOKEN=deleted; path=/; Max-Age=0",
    ),
    (
        "commit of a submodule",
        "Submodule path 'vendor/auth-token': checked out '{hex:40}'",
    ),
    ("id of a temporary key", "  id: ASIA{base32:16}"),
    (
        "sample JWT",
        "{b64json:{\"alg\":\"HS256\",\"typ\":\"JWT\"}}.{b64json:{\"sub\":\"1234567890\",\"name\":\"John Doe\",\"nbf\":3516239022,\"exp\":4516239022}}.{base64url:43}",
    ),
    ("made up", "glsa_inValid{base62:25}_{grafana-crc}"),
    (
        "made up",
        "{b64json:{\"k\":\"EXAMPLEexampleEXAMPLEexampleEXAMPLEtest\",\"n\":\"x\",\"id\":1}}",
    ),
    ("word and mark", "password = 'garden$hed'"),
    ("word and mark", "server->password = \"lemon@\";"),
    (
        "test pair",
        "MONGO_URL=mongodb://user:password@localhost:27017/app",
    ),
    ("test pair", "mongodb://mongo:mongo@localhost:27017"),
    (
        "cut scheme",
        "uri - '?ostgres://ci:{base62:12}@db.example.com:5432'",
    ),
    (
        "no form of the vendor above",
        "[INFO] Sending request to the abyssale API\n[DEBUG] Using API_KEY={base62:30}_{base62:9}",
    ),
    (
        "no form of the vendor above",
        "func checkAbyssaleKey() bool {{\n\tapiKey := \"{base62:20}-{base62:9}\"",
    ),
];

#[test]
fn what_is_no_secret_is_not_reported() {
    let mut faults: Vec<String> = Vec::new();
    for (class, template) in CLASSES {
        for seed in 0..10 {
            let text = expand(template, &mut Seed::of(seed, template)).unwrap();
            for hit in Variant::ALL
                .into_iter()
                .flat_map(|variant| on_the_case(&variant.set(&text, None)))
            {
                let rule = &super::DETECTOR.rules().rules[hit.rule as usize].id;
                faults.push(format!("{class}: {rule} on {template}"));
            }
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{faults:#?}");
}
