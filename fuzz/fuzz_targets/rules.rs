//! Rule files and configurations: any text is parsed or refused with a message.

#![no_main]

use leaksweep::config::Config;
use leaksweep::rule;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = rule::parse(text, "rule.yml") {
        assert!(!error.to_string().is_empty());
    }
    if let Err(error) = Config::parse(text, "leaksweep.yml") {
        assert!(!error.to_string().is_empty());
    }
});
