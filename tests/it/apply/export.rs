//! Files that `export` writes say what the ledger holds.

use super::place::Place;
use serde_json::json;
use std::fs;

#[test]
fn what_is_exported_is_what_is_there_whatever_its_names_are() {
    for place in Place::both() {
        let names = [
            "plain",
            "PLAIN",
            "../../outside",
            "",
            "a/b",
            "c\\d",
            ".hidden",
            "-rf",
            "zürich 東京 😀",
            "con\u{0}trol\n\t",
            "!x & <y> $HOME",
            "'\"`|#}{][",
        ];
        let mut policies: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(at, name)| json!({"device": {"name": name, "id": format!("id/{at}"), "n": [1, 1.5, -0.0, 1e300, null, {"deep": {"!a": "$B"}}]}}))
            .collect();
        policies.push(json!({"../type": {"name": "x", "number": 18_446_744_073_709_551_615_u64}}));
        policies.push(json!({"device": {"id": 77, "name": "numbered"}}));
        policies.push(json!({"nameless": {"x": 1}}));
        place.write("p.json", &json!(policies).to_string());
        let applied = place.apply("p.json", &[]);
        assert_eq!(applied.code, Some(0), "{applied:?}");
        assert!(place.apply("p.json", &["--dry-run"]).code == Some(0));

        let there: Vec<serde_json::Value> = serde_json::from_str(&place.node.get("blockchain read *")).unwrap();
        let types = ["device", "../type", "nameless", "master"];
        for to in ["out", "all.json"] {
            let exported = place.run(&["export", "--to", to]);
            assert_eq!((exported.code, exported.err.as_str()), (Some(0), ""), "{exported:?}");
            let prune: Vec<&str> = types.iter().flat_map(|kind| ["--prune", kind]).collect();
            let planned = place.apply(to, &[&["--dry-run"][..], &prune].concat());
            let count = there.len();
            assert_eq!(planned.out, format!("nothing to do: {count} policies are as they should be\n"), "{planned:?}");
            assert_eq!(planned.code, Some(0));
        }
        assert!(!place.path("outside").exists() && !place.path("outside.json").exists());
        assert_eq!(fs::read_to_string(place.path("out/device/plain.json")).unwrap().lines().next(), Some("{"));

        let by_pipe = place.run(&["export", "--type", "nameless"]);
        let again = place.run_with_input(&["apply", "-f", "-", "--dry-run"], &by_pipe.out);
        assert_eq!(again.out, "nothing to do: 1 policies are as they should be\n", "{by_pipe:?}");

        // What is dropped from the ledger stays in the directory, and the program says so.
        place.write("q.json", r#"{"nameless": {"x": 2}}"#);
        assert_eq!(place.apply("q.json", &["--prune", "nameless"]).code, Some(0));
        let later = place.run(&["export", "--to", "out"]);
        assert!(later.err.contains("1 files are not of this export: out/nameless/"), "{later:?}");
    }
}
