//! Answers with all that GitHub's description requires of them.

use super::world::{Artifact, Job, Run};
use serde_json::{Map, Value, json};

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
pub(crate) const STAMP: &str = "2026-11-27T11:00:00Z";
const SITE: &str = "https://github.example";

fn urls(names: &str, root: &str) -> Map<String, Value> {
    let url = |name: &str| (format!("{name}_url"), json!(format!("{root}/{name}")));
    names.split(' ').map(url).collect()
}

fn owner(name: &str) -> Value {
    let names = "avatar events followers following gists html organizations received_events \
                 repos starred subscriptions";
    let names: Vec<&str> = names.split_whitespace().collect();
    let mut owner = urls(&names.join(" "), &format!("{SITE}/{name}"));
    owner.extend(object(json!({
        "login": name, "id": 1, "node_id": "O_1", "gravatar_id": "", "type": "Organization",
        "site_admin": false, "url": format!("{SITE}/users/{name}")
    })));
    Value::Object(owner)
}

pub(crate) fn repository(full_name: &str, private: bool) -> Value {
    let names = "archive assignees blobs branches collaborators comments commits compare contents \
                 contributors deployments downloads events forks git_commits git_refs git_tags hooks \
                 html issue_comment issue_events issues keys labels languages merges milestones \
                 notifications pulls releases stargazers statuses subscribers subscription tags teams \
                 trees";
    let names: Vec<&str> = names.split_whitespace().collect();
    let (account, name) = full_name.split_once('/').unwrap();
    let mut repository = urls(&names.join(" "), &format!("{SITE}/repos/{full_name}"));
    repository.extend(object(json!({
        "id": 1, "node_id": "R_1", "name": name, "full_name": full_name, "private": private,
        "visibility": if private { "private" } else { "public" }, "owner": owner(account),
        "description": null, "fork": false, "url": format!("{SITE}/repos/{full_name}")
    })));
    Value::Object(repository)
}

/// A repository as its own call tells it: more than others tell of it.
pub(crate) fn whole_repository(full_name: &str, private: bool) -> Value {
    let mut whole = object(repository(full_name, private));
    whole.extend(urls("clone git ssh svn", &format!("{SITE}/{full_name}")));
    whole.extend(object(json!({
        "mirror_url": null, "homepage": null, "language": null, "license": null,
        "default_branch": "main", "archived": false, "disabled": false, "has_issues": true,
        "has_projects": true, "has_wiki": true, "has_pages": false, "has_discussions": false,
        "forks": 0, "forks_count": 0, "open_issues": 0, "open_issues_count": 0, "size": 0,
        "stargazers_count": 0, "watchers": 0, "watchers_count": 0, "network_count": 0,
        "subscribers_count": 0, "created_at": STAMP, "updated_at": STAMP, "pushed_at": STAMP
    })));
    Value::Object(whole)
}

pub(crate) fn run(run: &Run, full_name: &str, private: bool) -> Value {
    let names = "jobs logs check_suite artifacts cancel rerun workflow";
    let root = format!("{SITE}/repos/{full_name}/actions/runs/{}", run.id);
    let repository = repository(full_name, private);
    let mut json = urls(names, &root);
    json.extend(object(json!({
        "id": run.id, "node_id": "WFR_1", "name": "CI", "display_title": "A change",
        "run_number": 1, "run_attempt": run.attempts.len().max(1), "event": run.event,
        "status": run.status, "conclusion": (run.status == "completed").then_some(run.conclusion), "head_branch": run.branch,
        "head_sha": SHA, "path": run.workflow, "workflow_id": 1, "url": root,
        "html_url": format!("{SITE}/{full_name}/actions/runs/{}", run.id),
        "created_at": run.created.to_string(), "updated_at": run.updated.to_string(),
        "run_started_at": run.started.to_string(),
        "pull_requests": [], "head_commit": null,
        "repository": repository, "head_repository": repository
    })));
    Value::Object(json)
}

pub(crate) fn artifact(artifact: &Artifact, full_name: &str) -> Value {
    let Artifact { id, run, .. } = artifact;
    let url = format!("{SITE}/repos/{full_name}/actions/artifacts/{id}");
    json!({
        "id": id, "node_id": "A_1", "name": format!("artifact {id}"), "size_in_bytes": 100,
        "url": url, "archive_download_url": format!("{url}/zip"), "expired": artifact.expired,
        "created_at": artifact.created.to_string(), "updated_at": artifact.created.to_string(),
        "expires_at": null,
        "workflow_run": {
            "id": run, "repository_id": 1, "head_repository_id": 1, "head_branch": "main",
            "head_sha": SHA
        }
    })
}

pub(crate) fn job(job: &Job, run: u64, attempt: usize, full_name: &str) -> Value {
    let root = format!("{SITE}/repos/{full_name}");
    json!({
        "id": job.id, "node_id": "J_1", "run_id": run, "run_attempt": attempt,
        "run_url": format!("{root}/actions/runs/{run}"), "head_sha": SHA, "head_branch": "main",
        "workflow_name": "CI", "name": job.name, "url": format!("{root}/actions/jobs/{}", job.id),
        "html_url": format!("{SITE}/{full_name}/actions/runs/{run}/job/{}", job.id),
        "status": job.status, "conclusion": conclusion(job.status), "created_at": STAMP,
        "started_at": STAMP, "completed_at": (job.status == "completed").then_some(STAMP),
        "check_run_url": format!("{root}/check-runs/{}", job.id), "labels": ["ubuntu-latest"],
        "runner_id": 1, "runner_name": "one", "runner_group_id": 1, "runner_group_name": "all"
    })
}

fn conclusion(status: &str) -> Option<&'static str> {
    (status == "completed").then_some("success")
}

pub(crate) fn annotation(message: &str) -> Value {
    json!({
        "path": ".github", "blob_href": format!("{SITE}/blob"), "start_line": 1, "end_line": 1,
        "start_column": null, "end_column": null, "annotation_level": "failure",
        "title": "", "message": message, "raw_details": null
    })
}

pub(crate) fn installation(app: u64, id: u64, full_name: &str) -> Value {
    let account = full_name.split('/').next().unwrap();
    let mut json = urls("access_tokens html repositories", SITE);
    json.extend(object(json!({
        "id": id, "app_id": app, "app_slug": "leaksweep", "account": owner(account),
        "repository_selection": "all", "target_id": 1, "target_type": "Organization",
        "permissions": { "actions": "write" }, "events": [], "single_file_name": null,
        "created_at": STAMP, "updated_at": STAMP, "suspended_by": null, "suspended_at": null
    })));
    Value::Object(json)
}

fn object(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
