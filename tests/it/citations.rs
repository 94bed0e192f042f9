//! The sources cite the references by document and section (`reference/ledger 7.2` is section 7.2 of
//! `docs/reference/ledger.md`). Every document and every section that is cited has to be there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What is searched for citations.
const SEARCHED: [&str; 13] = [
    "src",
    "crates",
    "tests",
    "benches",
    "fuzz/fuzz_targets",
    "migrations",
    "scripts",
    "docs",
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
];

/// The sections of each reference, by the name of its document.
type References = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_citation_names_a_section_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let references = references(&root.join("docs/reference"));
    assert!(references.len() >= 4, "docs/reference has the documents {:?}", references.keys());
    let mut files = Vec::new();
    SEARCHED.iter().for_each(|place| collect(&root.join(place), &mut files));
    let mut wrong = Vec::new();
    for file in files {
        // What is no text cites nothing.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let place = file.strip_prefix(root).unwrap().display().to_string();
        wrong.extend(faults(&text, &references).into_iter().map(|(line, fault)| format!("{place}:{line}: {fault}")));
    }
    assert!(wrong.is_empty(), "{} wrong citations:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_sections_of_a_reference_are_numbered_once_and_in_order() {
    for (name, text) in documents(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference")) {
        let numbers: Vec<Vec<u32>> =
            headings(&text).map(|number| number.split('.').map(|part| part.parse().unwrap()).collect()).collect();
        let disorder = numbers.windows(2).find(|pair| pair[0] >= pair[1]);
        assert!(!numbers.is_empty() && disorder.is_none(), "{name}: {disorder:?}");
    }
}

#[test]
fn a_wrong_citation_is_found() {
    let sections = ["7", "7.2", "8"].map(str::to_owned);
    let references = References::from([("ledger".to_owned(), BTreeSet::from(sections))]);
    let found = |text: &str| faults(text, &references).len();
    for right in [
        "the order (reference/ledger 7.2)",
        "reference/ledger 7, 7.2 and 8.",
        "see docs/reference/ledger.md, or reference/ledger.",
        "reference/ledger 7, as read",
        "reference/ledger 8; 0 is success",
        "a preference/of mine",
    ] {
        assert_eq!(found(right), 0, "{right}");
    }
    for wrong in ["/ledger 9", "/ledger 7.2.1", "/ledger 7, 9.1", "/ledger 7 and 9", "/ledgers 7", "/peers.md"] {
        assert_eq!(found(&format!("reference{wrong}")), 1, "{wrong}");
    }
    assert_eq!(found(concat!("spec", "/ledger 7")), 1);
    assert_eq!(found(concat!("(spec", " 7.2)")), 1);
    let (line, fault) = faults(concat!("fine\n// reference", "/ledger 12.3\n"), &references).remove(0);
    assert_eq!((line, fault.as_str()), (2, "reference/ledger has no section 12.3"));
}

/// Returns what is wrong with the citations of a text, each with the number of its line.
fn faults(text: &str, references: &References) -> Vec<(usize, String)> {
    let mut faults = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        for behind in words_behind(line, "reference/") {
            faults.extend(fault(behind, references).into_iter().map(|fault| (number, fault)));
        }
        let numbered = words_behind(line, "spec ").any(|behind| behind.starts_with(|c: char| c.is_ascii_digit()));
        if numbered || words_behind(line, concat!("spec", "/")).next().is_some() {
            faults.push((number, "cites a specification that is not here: cite a reference".to_owned()));
        }
    }
    faults
}

/// Returns the text behind each place where a line has a mark that does not belong to a longer word.
fn words_behind<'a>(line: &'a str, mark: &'static str) -> impl Iterator<Item = &'a str> {
    line.match_indices(mark)
        .filter(|(at, _)| !line[..*at].ends_with(char::is_alphanumeric))
        .map(move |(at, _)| &line[at + mark.len()..])
}

/// Returns what is wrong with the citation whose document and sections begin a text.
fn fault(text: &str, references: &References) -> Option<String> {
    let name = text.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().filter(|name| !name.is_empty())?;
    let Some(sections) = references.get(name) else {
        return Some(format!("there is no docs/reference/{name}.md"));
    };
    let missing = cited(&text[name.len()..]).find(|section| !sections.contains(*section))?;
    Some(format!("reference/{name} has no section {missing}"))
}

/// Returns the numbers of the sections that are cited behind the name of a document: ` 7.2, 8 and 9.1`.
fn cited(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.strip_prefix(' ').unwrap_or_default();
    std::iter::from_fn(move || {
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = rest[..length].trim_end_matches('.');
        let behind = &rest[length..];
        let next = [", ", " and ", " to "].iter().find_map(|link| behind.strip_prefix(link));
        rest = next.unwrap_or_default();
        (!number.is_empty()).then_some(number)
    })
}

fn references(directory: &Path) -> References {
    documents(directory).map(|(name, text)| (name, headings(&text).map(str::to_owned).collect())).collect()
}

/// Returns the names and texts of the documents in a directory.
fn documents(directory: &Path) -> impl Iterator<Item = (String, String)> {
    let mut files = Vec::new();
    collect(directory, &mut files);
    files.into_iter().map(|file| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(file).unwrap())
    })
}

/// Returns the numbers of the headings of a document: `7.2` of `### 7.2 The seed`, `7` of `## 7. The ledger`.
fn headings(document: &str) -> impl Iterator<Item = &str> {
    document.lines().filter(|line| line.starts_with("##")).filter_map(|line| {
        let number = line.trim_start_matches('#').trim_start().split(' ').next()?.trim_end_matches('.');
        number.starts_with(|c: char| c.is_ascii_digit()).then_some(number)
    })
}

/// Adds a file, or all files below a directory; what is not there is no place to search.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_file() {
        files.push(path.to_owned());
    } else if let Ok(entries) = fs::read_dir(path) {
        entries.for_each(|entry| collect(&entry.unwrap().path(), files));
    }
}
