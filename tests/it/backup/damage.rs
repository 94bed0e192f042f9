//! A damaged backup is refused with the line that is wrong, and nothing is changed.

use super::{backup, file, restore, rows};
use crate::doors::{House, device};
use anylog_master::reply::Code;
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn damage_at_each_line_is_refused_with_the_line() {
    let house = House::sqlite();
    let node = house.boot().await;
    for id in ["a", "b"] {
        node.run(&format!("blockchain push {}", device(id))).await.unwrap();
    }
    node.run("blockchain drop policy where id = a").await.unwrap();
    backup(&node, "b.jsonl").await;
    let whole = fs::read_to_string(file(&house, "b.jsonl")).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let kinds = ["{\"backup\"", "{\"policy\"", "{\"change\"", "{\"row\"", "{\"tombstone\"", "{\"seal\""];
    assert!(kinds.iter().all(|kind| lines.iter().any(|line| line.starts_with(kind))), "{whole}");
    let before = rows(&node);
    for number in 0..lines.len() {
        let mut damaged: Vec<&str> = lines.clone();
        let cut = &lines[number][..lines[number].len() / 2];
        let cut = format!("{cut}\n");
        damaged[number] = &cut;
        refused(&house, &damaged.concat(), Some(number + 1));
        let mut without = lines.clone();
        without.remove(number);
        refused(&house, &without.concat(), None);
        refused(&house, &lines[..number].concat(), Some(number + 1));
    }
    refused(&house, &(whole.clone() + "{}\n"), Some(lines.len() + 1));
    assert_eq!(rows(&node), before);
    let missing = restore(&node, "file = none.jsonl and mode = merge").await.unwrap_err();
    assert_eq!(missing.code, Code::NO_FILE);
    node.stop().await;
}

/// Checks a file with a text, whose line is wrong where one is named.
fn refused(house: &House, text: &str, line: Option<usize>) {
    fs::write(file(house, "d.jsonl"), text).unwrap();
    let error = anylog_master::backup::check(&file(house, "d.jsonl")).unwrap_err();
    let told = error.to_string();
    if let Some(line) = line {
        assert!(told.contains(&format!("d.jsonl, line {line}: ")), "{told}");
    }
    let error = anylog_master::reply::Error::from(error);
    assert_eq!(error.code, Code::WRONG_BLOCKCHAIN);
}
