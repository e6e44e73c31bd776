//! Files that people write in too.

use anyhow::Context;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// What a file holds; nothing if there is none.
pub(crate) fn read_if_there(path: &Path) -> anyhow::Result<String> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        other => other.with_context(|| format!("failed to read {}", path.display())),
    }
}

/// Writes a file so that it holds either what it held or `text`, and keeps who
/// may read it.
pub(crate) fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    write(path, text).with_context(|| format!("failed to write {}", path.display()))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if !path.exists() {
        return Ok(File::create_new(path)?.write_all(text.as_bytes())?);
    }
    // A link stays one.
    let path = path.canonicalize()?;
    let mut new = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    new.write_all(text.as_bytes())?;
    new.as_file()
        .set_permissions(path.metadata()?.permissions())?;
    new.persist(path)?;
    Ok(())
}
