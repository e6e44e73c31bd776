//! Resolves `rules/*.yaml` with the library's own room `rule` and writes the set
//! down for the library to compile in, so that a start pays neither for YAML nor
//! for resolving; and turns the prose of the rules into a table of how usual each
//! pair of letters is, by which random values are told from words.

/// The room itself: what is compiled in is resolved by the same code as the rule
/// files that a user brings.
#[path = "src"]
#[allow(dead_code, unreachable_pub, unused_imports)]
mod library {
    pub mod rule;
}

use library::rule;
use rule::{RuleFile, RuleSet};
use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=rules");
    let mut paths: Vec<_> = fs::read_dir("rules")?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    paths.sort();
    let mut counts = [[1u32; 26]; 26];
    let mut files = Vec::new();
    for path in &paths {
        let value = read(path)?;
        count_pairs(&value, &mut counts);
        files.push(typed(path, value)?);
    }
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let rules = RuleSet::from_files(files);
    fs::write(out.join("rules.bin"), postcard::to_stdvec(&rules)?)?;
    fs::write(out.join("pairs.bin"), bits(&counts))?;
    Ok(())
}

/// Counts the pairs of letters in the words of the prose of a rule file.
fn count_pairs(value: &serde_json::Value, counts: &mut [[u32; 26]; 26]) {
    const PROSE: [&str; 3] = ["name", "description", "revoke"];
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| count_pairs(item, counts)),
        serde_json::Value::Object(fields) => {
            for (field, value) in fields {
                match value {
                    serde_json::Value::String(text) if PROSE.contains(&field.as_str()) => {
                        count_text(text, counts);
                    }
                    _ => count_pairs(value, counts),
                }
            }
        }
        _ => {}
    }
}

fn count_text(text: &str, counts: &mut [[u32; 26]; 26]) {
    for pair in text.to_ascii_lowercase().as_bytes().windows(2) {
        if pair.iter().all(u8::is_ascii_lowercase) {
            counts[usize::from(pair[0] - b'a')][usize::from(pair[1] - b'a')] += 1;
        }
    }
}

/// How much more usual than by chance the second letter is behind the first,
/// in sixteenths of a bit.
fn bits(counts: &[[u32; 26]; 26]) -> Vec<u8> {
    let mut out = Vec::new();
    for row in counts {
        let total: u32 = row.iter().sum();
        for &count in row {
            let ratio = 26.0 * f64::from(count) / f64::from(total);
            #[allow(clippy::cast_possible_truncation)]
            let sixteenths = (16.0 * ratio.log2()).round().clamp(-127.0, 127.0) as i8;
            out.extend(sixteenths.to_le_bytes());
        }
    }
    out
}

fn read(path: &Path) -> Result<serde_json::Value, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    serde_saphyr::from_str(&text).map_err(|error| in_file(path, &error))
}

fn typed(path: &Path, value: serde_json::Value) -> Result<RuleFile, Box<dyn Error>> {
    serde_json::from_value(value).map_err(|error| in_file(path, &error))
}

fn in_file(path: &Path, error: &dyn Error) -> Box<dyn Error> {
    format!("{}: {error}", path.display()).into()
}
