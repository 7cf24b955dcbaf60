//! What the tests share.

use std::path::Path;

/// The files of a folder in which `marker` stands.
pub(crate) fn holds(dir: &Path, marker: &[u8]) -> Vec<String> {
    let mut holding = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        if bytes.windows(marker.len()).any(|window| window == marker) {
            holding.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    holding
}
