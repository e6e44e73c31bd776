//! Turns `rules/*.yaml` into one JSON text that the library compiles in, so
//! that a start does not pay for YAML.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=rules");
    let mut paths: Vec<_> = fs::read_dir("rules")?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    paths.sort();
    let files = paths
        .iter()
        .map(|path| read(path))
        .collect::<Result<Vec<_>, _>>()?;
    let out = Path::new(&env::var("OUT_DIR")?).join("rules.json");
    fs::write(out, serde_json::to_vec(&files)?)?;
    Ok(())
}

fn read(path: &Path) -> Result<serde_json::Value, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}
