//! The log store: it serves signed links for a minute, and hates tokens.

use super::Inner;
use super::http::{Answer, Body, Request};
use super::logs;
use super::world::{Attempt, Link};

pub(crate) fn answer(inner: &Inner, request: &Request) -> Answer {
    if request.headers.contains_key("authorization") {
        return refuse(400, "InvalidAuthenticationInfo");
    }
    let now = inner.now();
    let mut world = inner.world.lock().unwrap();
    let Some(link) = link(&world.links, &request.target) else {
        return refuse(403, "AuthenticationFailed");
    };
    if now >= link.until {
        return refuse(403, "AuthenticationFailed");
    }
    let run = world.run(&link.repository, link.run);
    let attempt = run.and_then(|run| run.attempts.get_mut(link.attempt - 1));
    match attempt {
        Some(attempt) if attempt.late > 0 => {
            attempt.late -= 1;
            refuse(404, "BlobNotFound")
        }
        Some(attempt) if !attempt.deleted => serve(attempt, link.job),
        _ => refuse(404, "ResourceNotFound"),
    }
}

/// `/blobs/N?sig=…`: the signature is as good as its length.
fn link(links: &[Link], target: &str) -> Option<Link> {
    let (path, query) = target.split_once('?')?;
    let number: usize = path.strip_prefix("/blobs/")?.parse().ok()?;
    let link = links.get(number)?.clone();
    (query == signature(number)).then_some(link)
}

/// The query of a link.
pub(crate) fn signature(number: usize) -> String {
    format!("sig=signature-of-{number}%3D&sp=r")
}

fn serve(attempt: &Attempt, job: Option<u64>) -> Answer {
    match job {
        Some(id) => {
            let job = attempt.jobs.iter().find(|job| job.id == id).unwrap();
            Answer::new(200, "text/plain; charset=utf-8", logs::text(job).into())
        }
        None => match &attempt.huge {
            Some(huge) => Answer {
                body: huge.zip(),
                ..Answer::new(200, "application/zip", Vec::new())
            },
            None => Answer::new(200, "application/zip", logs::zip(attempt)),
        },
    }
}

fn refuse(status: u16, code: &str) -> Answer {
    let xml =
        format!(r#"<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>"#);
    Answer {
        body: Body::Bytes(xml.into()),
        ..Answer::new(status, "application/xml", Vec::new())
    }
}
