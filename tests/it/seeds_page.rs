//! `docs/seeds.md` names for the lines of the seed documents the tests that show them. Every test that it names has to be there.

use std::{fs, path::Path};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default()
}

/// Returns the names of tests in a document: what stands between back quotes and has the form of a path.
fn named(document: &str) -> impl Iterator<Item = &str> {
    let quoted = document.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let is_name = |text: &&str| {
        text.contains("::") && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c))
    };
    quoted.filter(is_name)
}

/// Tells whether there is a test, or a file of tests, of a name. `it::` stands before a name or not.
fn is_there(name: &str) -> bool {
    if let Some(test) = name.strip_prefix("replay::") {
        // The tests of recorded cases are made of a list of their names.
        let program = read("tests/replay/main.rs");
        let (_, list) = program.split_once("replay! {").unwrap_or_default();
        let (list, _) = list.split_once('}').unwrap_or_default();
        return list.split_whitespace().any(|group| group == test) || has_test(&program, test);
    }
    let name = name.strip_prefix("it::").unwrap_or(name);
    let (file, test) = name.rsplit_once("::").unwrap_or_default();
    !module(name).is_empty() || has_test(&module(file), test)
}

fn has_test(text: &str, test: &str) -> bool {
    text.contains(&format!("fn {test}()"))
}

/// Returns the text of a module of the tests, nothing when there is none.
fn module(name: &str) -> String {
    let path = name.replace("::", "/");
    read(&format!("tests/it/{path}.rs")) + &read(&format!("tests/it/{path}/mod.rs"))
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let page = read("docs/seeds.md");
    assert!(named(&page).count() > 20, "{page}");
    let missing: Vec<_> = named(&page).filter(|name| !is_there(name)).collect();
    assert!(missing.is_empty(), "docs/seeds.md names tests that are not there: {missing:?}");
}

#[test]
fn a_test_that_is_not_there_is_found() {
    for name in ["prompt::paste", "replay::seed_nobody_types", "it::boot::nothing_happens", "replay::conditions_"] {
        assert!(!is_there(name), "{name}");
    }
    for name in
        ["replay::conditions", "replay::sched", "it::follower", "seeds_page::every_test_that_the_page_names_is_there"]
    {
        assert!(is_there(name), "{name}");
    }
}
