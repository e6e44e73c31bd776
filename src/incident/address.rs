//! Which network addresses may be reached.

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

/// A name or an address leads into a network of one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is a private, local or reserved address")]
pub(super) struct Private;

/// Whether `address` is on the public internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// By the registry of special-purpose addresses (RFC 6890 and later).
fn is_public_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        // This network, loopback, private; multicast and what is reserved behind it.
        [0 | 10 | 127 | 224..=255, ..]
        // Carrier-grade NAT, link-local, private.
        | [100, 64..=127, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..]
        // Protocol assignments, documentation, 6to4 relays, benchmarks.
        | [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..]
        | [198, 51, 100, _] | [203, 0, 113, _] => false,
        _ => true,
    }
}

/// Only global unicast (`2000::/3`), without what tunnels to an IPv4 address of
/// its choice, and addresses of NAT64 whose target is public.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments with Teredo, documentation, 6to4, documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

/// The address that stands in `url` itself, if it names no host.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url
        .host_str()?
        .trim_start_matches('[')
        .trim_end_matches(']');
    host.parse().ok()
}

/// Whether `url` leads to this machine and nowhere else.
pub(super) fn is_loopback(url: &Url) -> bool {
    literal(url).map_or(url.host_str() == Some("localhost"), |it| it.is_loopback())
}

/// Refuses an address written into `url`, which no resolver sees.
pub(super) fn check_literal(url: &Url) -> Result<(), Private> {
    literal(url)
        .is_none_or(is_public)
        .then_some(())
        .ok_or(Private)
}

/// Resolves names to public addresses. The connection goes to the very
/// addresses that were checked.
#[derive(Debug)]
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let look_up = move || (name.as_str(), 0).to_socket_addrs().map(Vec::from_iter);
            let found = tokio::task::spawn_blocking(look_up).await??;
            Ok(all_public(found)?)
        })
    }
}

/// One private address among public ones is no accident.
fn all_public(found: Vec<SocketAddr>) -> Result<Addrs, Private> {
    if found.iter().all(|it| is_public(it.ip())) {
        return Ok(Box::new(found.into_iter()));
    }
    Err(Private)
}

#[cfg(test)]
mod tests {
    use super::{all_public, check_literal, is_loopback, is_public};
    use reqwest::Url;

    #[test]
    fn networks_of_ones_own_are_not_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_internet_is_public() {
        for address in [
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    /// The parser of addresses knows every way to write 127.0.0.1.
    #[test]
    fn literal_addresses_are_seen_however_they_are_written() {
        for host in [
            "127.1",
            "0x7f.1",
            "2130706433",
            "[::1]",
            "[::ffff:7f00:1]",
            "017700000001",
            "127.0.0.1.",
        ] {
            let url = Url::parse(&format!("https://{host}/x")).unwrap();
            assert!(check_literal(&url).is_err(), "{host}");
        }
        assert!(check_literal(&Url::parse("https://1.1.1.1/").unwrap()).is_ok());
        assert!(check_literal(&Url::parse("https://example.com/").unwrap()).is_ok());
    }

    #[test]
    fn loopback_is_this_machine() {
        let is = |url| is_loopback(&Url::parse(url).unwrap());
        assert!(is("http://localhost:1/") && is("http://127.0.0.1/") && is("http://[::1]:8/"));
        assert!(!is("http://localhost.example/") && !is("http://10.0.0.1/"));
    }

    #[test]
    fn one_private_address_spoils_the_name() {
        let found = |list: &[&str]| list.iter().map(|it| it.parse().unwrap()).collect();
        assert!(all_public(found(&["1.1.1.1:0", "8.8.8.8:0"])).is_ok());
        assert!(all_public(found(&["1.1.1.1:0", "10.0.0.1:0"])).is_err());
    }
}
