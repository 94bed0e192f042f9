//! What the documents for operators say is true as far as a test can see it: each shell block runs as the comment before it
//! says, or has a reason why not, and each link leads somewhere.

use crate::program::Program;
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

/// Documents whose shell blocks all say how they are run.
const WITH_BLOCKS: [&str; 8] = [
    "README.md",
    "docs/api.md",
    "docs/backup.md",
    "docs/operations.md",
    "docs/high-availability.md",
    "docs/policies-as-code.md",
    "deploy/kubernetes/README.md",
    "deploy/systemd/README.md",
];
/// Documents of which somebody else runs the blocks that need containers: scripts/container-test.
const OF_CONTAINERS: [&str; 3] = ["README.md", "docs/operations.md", "docs/high-availability.md"];
/// What begins the comment of a block that runs, and of one that does not.
const MARKS: [&str; 2] = ["<!-- run: ", "<!-- not run: "];

/// A shell block with the line it begins in and the comment before it.
struct Block {
    line: usize,
    mark: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Returns the shell blocks of a document.
fn blocks(document: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut mark = String::new();
    let mut lines = document.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        if line.starts_with("<!-- ") {
            line.clone_into(&mut mark);
        } else if let Some(kind) = line.strip_prefix("```") {
            let inside = lines.by_ref().map(|(line, _)| line).take_while(|line| *line != "```");
            let text: String = inside.flat_map(|line| [line, "\n"]).collect();
            if kind == "sh" {
                found.push(Block { line: number, mark: std::mem::take(&mut mark), text });
            }
            mark.clear();
        } else if !line.is_empty() {
            mark.clear();
        }
    }
    found
}

/// Returns the word behind `run:`, if the block runs.
fn kind(block: &Block) -> Option<&str> {
    block.mark.strip_prefix(MARKS[0])?.strip_suffix(" -->")
}

#[test]
fn every_shell_block_says_how_it_is_run_or_why_not() {
    for name in WITH_BLOCKS {
        for block in blocks(&read(name)) {
            let is_known = match kind(&block) {
                Some("program") => true,
                Some("stack" | "ha") => OF_CONTAINERS.contains(&name),
                Some(_) => false,
                None => block.mark.strip_prefix(MARKS[1]).is_some_and(|reason| reason.len() > 20),
            };
            assert!(is_known, "{name}:{}: '{}' is no reason and no way to run it", block.line, block.mark);
        }
    }
}

/// Makes a directory of programs for blocks: ours, and a curl that fails when it is answered with an error.
fn programs(directory: &Path) -> PathBuf {
    let programs = directory.join("programs");
    fs::create_dir(&programs).unwrap();
    symlink(env!("CARGO_BIN_EXE_anylog-master"), programs.join("anylog-master")).unwrap();
    let curl = programs.join("curl");
    fs::write(&curl, "#!/bin/sh\nPATH=/usr/local/bin:/usr/bin:/bin\nexec curl -sS --max-time 20 --fail \"$@\"\n")
        .unwrap();
    fs::set_permissions(&curl, fs::Permissions::from_mode(0o755)).unwrap();
    programs
}

#[test]
fn blocks_that_need_a_node_run_beside_one() {
    for name in WITH_BLOCKS {
        let document = read(name);
        let blocks: Vec<Block> = blocks(&document).into_iter().filter(|block| kind(block) == Some("program")).collect();
        if blocks.is_empty() {
            continue;
        }
        let directory = tempfile::tempdir().unwrap();
        let node = Program::embedded(directory.path(), &[]);
        let programs = programs(directory.path());
        let (rest, tcp) = (node.rest.port().to_string(), node.tcp.port().to_string());
        for block in blocks {
            // The ports of the documents may be taken on the machine that runs the test.
            let text = block.text.replace("32049", &rest).replace("32048", &tcp);
            let done = Command::new("sh")
                .args(["-eu", "-c", &text])
                .current_dir(directory.path())
                .env_clear()
                .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display()))
                .env("ANYLOG_PATH", directory.path().join("anylog-data"))
                .env("ANYLOG_REST_PORT", &rest)
                .env("DB_TYPE", "sqlite")
                .env("AUTH", "off")
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
            assert!(done.status.success(), "{name}:{}: {text}{told}", block.line);
        }
    }
}

/// Returns the anchors of the headings of a document, as the pages that show it make them.
fn anchors(document: &str) -> BTreeSet<String> {
    let headings = document.lines().filter_map(|line| line.strip_prefix('#'));
    headings
        .map(|heading| {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// Returns where the links of a document lead; what stands in code is no link.
fn links(document: &str) -> Vec<String> {
    let mut in_block = false;
    let mut found = Vec::new();
    for line in document.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        }
        if in_block {
            continue;
        }
        let outside: String = line.split('`').step_by(2).collect::<Vec<_>>().join("_");
        found.extend(outside.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())));
    }
    found
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut documents: Vec<PathBuf> = fs::read_dir(root().join("docs")).unwrap().map(|e| e.unwrap().path()).collect();
    documents.retain(|path| path.extension().is_some_and(|kind| kind == "md"));
    documents.extend(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "deploy/kubernetes/README.md", "deploy/systemd/README.md"]
            .map(|name| root().join(name)),
    );
    let mut wrong = Vec::new();
    for path in documents {
        let text = fs::read_to_string(&path).unwrap();
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').map_or((link.as_str(), None), |(file, at)| (file, Some(at)));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let is_there = target.exists()
                && anchor.is_none_or(|anchor| anchors(&fs::read_to_string(&target).unwrap()).contains(anchor));
            if !is_there {
                wrong.push(format!("{}: {link}", path.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
}
