// Replays recorded exchanges through Prism as a proxy whose upstream is the record. A proxy on the network
// would follow the redirects to logs, whose answer is what has to be judged.
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');

const [folder, recorded] = process.argv.slice(2);
const tools = createRequire(resolve(folder, 'node_modules') + '/');
const { createInstance, getHttpOperationsFromSpec } = tools('@stoplight/prism-http');
const TaskEither = tools('fp-ts/TaskEither');

// What leaksweep calls; a call to anything else fails.
const R = '/repos/{owner}/{repo}';
const PATHS = {
  [R]: ['get'],
  [`${R}/actions/runs/{run_id}`]: ['get', 'delete'],
  [`${R}/actions/runs/{run_id}/logs`]: ['delete'],
  [`${R}/actions/runs/{run_id}/attempts/{attempt_number}/logs`]: ['get'],
  [`${R}/actions/runs/{run_id}/attempts/{attempt_number}/jobs`]: ['get'],
  [`${R}/actions/jobs/{job_id}/logs`]: ['get'],
  [`${R}/check-runs/{check_run_id}/annotations`]: ['get'],
  [`${R}/installation`]: ['get'],
  '/app/installations/{installation_id}/access_tokens': ['post'],
};

// GitHub gives these on any path, whatever its description lists.
const REAL = [401, 403, 404, 409, 410, 429, 500, 502];

function description() {
  const whole = tools('@octokit/openapi/generated/api.github.com.json');
  const error = { 'application/json': { schema: { $ref: '#/components/schemas/basic-error' } } };
  const paths = {};
  for (const [path, methods] of Object.entries(PATHS)) {
    const { parameters = [] } = whole.paths[path];
    paths[path] = { parameters };
    for (const method of methods) {
      const operation = structuredClone(whole.paths[path][method]);
      for (const status of REAL) {
        operation.responses[status] ??= { description: 'real, not described', content: error };
      }
      paths[path][method] = operation;
    }
  }
  // A log that is not written yet.
  const late = paths[`${R}/actions/jobs/{job_id}/logs`].get.responses[404];
  late.content = { ...late.content, 'application/xml': { schema: { type: 'string' } } };
  return { openapi: whole.openapi, info: whole.info, paths, components: used(whole, paths) };
}

// The components that `paths` lead to.
function used(whole, paths) {
  const components = {};
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (typeof node.$ref === 'string') {
      const [, , kind, name] = node.$ref.split('/');
      if (components[kind]?.[name]) return;
      (components[kind] ??= {})[name] = whole.components[kind][name];
      return visit(whole.components[kind][name]);
    }
    Object.values(node).forEach(visit);
  };
  visit(paths);
  visit({ $ref: '#/components/schemas/basic-error' });
  return components;
}

function parse(body, headers) {
  if (body === '') return undefined;
  return headers['content-type']?.includes('json') ? JSON.parse(body) : body;
}

function input({ method, target, headers, body }) {
  const url = new URL(target.replace(/^\/api\/v3/, ''), 'http://localhost');
  const query = Object.fromEntries(url.searchParams);
  return { method: method.toLowerCase(), url: { path: url.pathname, query }, headers, body: parse(body, headers) };
}

const silent = { child: () => silent };
for (const level of ['trace', 'debug', 'info', 'success', 'warn', 'error']) silent[level] = () => {};

// All that is wrong with one exchange.
async function violations(operations, seen, { request, answer }) {
  const found = [];
  const forward = ({ data }, _base, _proxy, operation) => () => {
    const key = `${operation.method.toUpperCase()} ${operation.path}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    const known = new Set((operation.request.query ?? []).map((parameter) => parameter.name));
    const unknown = Object.keys(data.url.query).filter((name) => !known.has(name));
    found.push(...unknown.map((name) => `request: there is no query parameter '${name}'`));
    return TaskEither.right(
      answer === null
        ? { statusCode: 0, headers: {} }
        : { statusCode: answer.status, headers: answer.headers, body: parse(answer.body, answer.headers) },
    );
  };
  const config = {
    isProxy: true,
    upstream: new URL('http://localhost'),
    errors: true,
    checkSecurity: false,
    validateRequest: true,
    validateResponse: answer !== null,
  };
  const judged = await createInstance(config, { logger: silent, forward }).request(input(request), operations)();
  if (judged._tag === 'Left') return [`request: ${judged.left.message}`];
  const { input: asked, output: answered } = judged.right.validations;
  const tell = (side) => (violation) => `${side}: ${(violation.path ?? []).join('.')} ${violation.message}`;
  return [...found, ...asked.map(tell('request')), ...answered.map(tell('answer'))];
}

async function main() {
  const operations = await getHttpOperationsFromSpec(description());
  const lines = readFileSync(recorded, 'utf8').split('\n').filter(Boolean);
  const seen = new Map();
  const failures = new Set();
  for (const exchange of lines.map((line) => JSON.parse(line))) {
    for (const violation of await violations(operations, seen, exchange)) {
      const { method, target } = exchange.request;
      failures.add(`${method} ${target} ${exchange.answer?.status ?? '-'}: ${violation}`);
    }
  }
  for (const { method, path } of operations) {
    const key = `${method.toUpperCase()} ${path}`;
    console.log(String(seen.get(key) ?? 0).padStart(5), key);
    if (!seen.has(key)) failures.add(`${key} was never asked for: nothing is shown about it`);
  }
  failures.forEach((failure) => console.error(failure));
  console.log(`${lines.length} exchanges, ${failures.size} violations`);
  process.exitCode = failures.size === 0 ? 0 : 1;
}

main();
