//! octocrab over a connection of our own: it signs and addresses; it does not
//! repeat, redirect or trace. hyper by itself repeats what it could not begin
//! to write on a connection that had idled, and nothing else.

use super::GithubError;
use super::settings::Base;
use bytes::Bytes;
use http::header::{ACCEPT, HeaderName, HeaderValue, USER_AGENT};
use http_body_util::combinators::BoxBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, Octocrab, OctocrabBuilder};
use std::sync::Arc;

/// An answer whose body is still on its way.
pub(super) type Response = http::Response<BoxBody<Bytes, octocrab::Error>>;

const AGENT: (HeaderName, HeaderValue) = (
    USER_AGENT,
    HeaderValue::from_static(concat!("leaksweep/", env!("CARGO_PKG_VERSION"))),
);
const JSON: (HeaderName, HeaderValue) = (
    ACCEPT,
    HeaderValue::from_static("application/vnd.github+json"),
);

/// A client of the API at `base`, signing as `auth` says.
pub(super) fn api(base: &Base, auth: AuthState, http: bool) -> Result<Octocrab, GithubError> {
    let service = Client::builder(TokioExecutor::new()).build(connector(http)?);
    let Ok(client) = OctocrabBuilder::new_empty()
        .with_service(service)
        .with_layer(&BaseUriLayer::new(base.uri().clone()))
        .with_layer(&ExtraHeadersLayer::new(Arc::new(vec![AGENT, JSON])))
        .with_auth(auth)
        .build();
    Ok(client)
}

/// A client for links to logs. It has no token that could go astray.
pub(super) fn store(http: bool) -> Result<Octocrab, GithubError> {
    let service = Client::builder(TokioExecutor::new()).build(connector(http)?);
    let Ok(client) = OctocrabBuilder::new_empty()
        .with_service(service)
        .with_layer(&ExtraHeadersLayer::new(Arc::new(vec![AGENT])))
        .with_auth(AuthState::None)
        .build();
    Ok(client)
}

fn connector(http: bool) -> Result<HttpsConnector<HttpConnector>, GithubError> {
    let ring = rustls::crypto::ring::default_provider();
    let builder = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(ring)
        .map_err(|error| {
            let what = format!("no root certificates to check GitHub by: {error}");
            GithubError::settings(what, "install the package ca-certificates")
        })?;
    let builder = if http {
        builder.https_or_http()
    } else {
        builder.https_only()
    };
    Ok(builder.enable_http1().build())
}
