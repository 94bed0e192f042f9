//! What is wrong with files, and what the ledger refuses: nothing of it is written.

use super::place::Place;

#[test]
fn all_mistakes_of_all_files_are_told_before_the_node_is_asked() {
    let place = Place::sqlite();
    place.write("p/1.json", "[\n{\"device\": 5},\n{\"device\": {\"name\": \"good\"}},\n{\"a\": {}, \"b\": {}}]");
    place.write("p/2.json", "{\"device\":\n {\"name\": }}");
    place.write("p/3.json", "{\"device\": {\"name\": \"also-good\"}}");
    let said = place.apply("p", &[]);
    assert_eq!((said.code, said.out.as_str()), (Some(64), ""), "{said:?}");
    for told in ["p/1.json:2: ", "p/1.json:4: ", "p/2.json:2: it is no JSON", "(3 mistakes)"] {
        assert!(said.err.contains(told), "{told}: {said:?}");
    }
    assert!(place.names("device").is_empty());
    for (arguments, reason) in [
        (&["apply", "-f", "nowhere"][..], "nowhere: "),
        (&["apply", "-f", "p/empty"], "there is no policy in p/empty"),
        (&["apply"], "--file"),
    ] {
        std::fs::create_dir_all(place.path("p/empty")).unwrap();
        let said = place.run(arguments);
        assert!(said.code == Some(64) && said.err.contains(reason), "{said:?}");
    }
}

#[test]
fn one_policy_that_breaks_a_rule_takes_all_others_with_it() {
    for place in Place::both() {
        place.write("p.json", r#"[{"device": {"name": "kept"}}, {"cluster": {"name": "c1", "company": "acme"}}]"#);
        assert_eq!(place.apply("p.json", &[]).code, Some(0));
        let before = place.node.get("blockchain read (device, cluster, operator, table)");
        place.write(
            "p.json",
            r#"[{"device": {"name": "new"}}, {"cluster": {"name": "c1", "company": "acme", "x": 1}},
                {"operator": {"name": "o", "company": "acme", "ip": "10.0.0.1", "port": 1, "cluster": "nowhere"}}]"#,
        );
        for more in [&["--dry-run", "--prune", "device"][..], &["--prune", "device"]] {
            let said = place.apply("p.json", more);
            assert_eq!(said.code, Some(1), "{said:?}");
            assert!(said.err.contains("operator 'o': ") && said.err.contains("'nowhere'"), "{said:?}");
        }
        // A caller that does not look at a plan first gets the same.
        let policies = r#"[{"device": {"name": "new"}}, {"table": {"name": "t"}}]"#;
        let (status, body) = place.node.ask("POST", &format!("blockchain apply {policies}"));
        assert!(status >= 400, "{status}: {body}");
        assert_eq!(place.node.get("blockchain read (device, cluster, operator, table)"), before);
    }
}

#[test]
fn an_ambiguous_policy_is_named_with_its_candidates() {
    let place = Place::sqlite();
    place.write("p.json", r#"[{"device": {"name": "n", "id": "one"}}, {"device": {"name": "n", "id": "two"}}]"#);
    assert_eq!(place.apply("p.json", &[]).code, Some(0));
    place.write("q.json", "\n\n{\"device\": {\"name\": \"n\", \"x\": 1}}");
    let said = place.apply("q.json", &[]);
    assert_eq!(said.code, Some(64), "{said:?}");
    assert!(said.err.contains("q.json:3: ") && said.err.contains("id one and two"), "{said:?}");
    place
        .write("q.json", r#"[{"device": {"name": "n", "id": "two", "x": 1}}, {"device": {"id": "two", "name": "m"}}]"#);
    let twice = place.apply("q.json", &[]);
    assert!(twice.code == Some(64) && twice.err.contains("q.json:1: it means the same policy"), "{twice:?}");
    place.write("q.json", r#"{"device": {"name": "n", "id": "two", "x": 1}}"#);
    assert_eq!(place.apply("q.json", &[]).code, Some(0));
}

#[test]
fn who_may_read_may_plan_and_who_may_publish_may_apply() {
    let token = |role: &str| {
        let directory = tempfile::tempdir().unwrap();
        let output = crate::program::command(directory.path(), &["token", role, role], &[])
            .stdout(std::process::Stdio::piped())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        (lines[0].to_owned(), lines[1].to_owned())
    };
    let ((reader, read), (publisher, publish)) = (token("read"), token("publish"));
    let tokens = format!("{read},{publish}");
    let mut place = Place::sqlite_with(&[("AUTH", "token"), ("REST_TOKENS", &tokens)]);
    place.write("p.json", r#"{"device": {"name": "d"}}"#);
    place.with_token(&reader);
    assert_eq!(place.apply("p.json", &["--dry-run"]).code, Some(2));
    let refused = place.apply("p.json", &[]);
    assert!(refused.code == Some(1) && refused.err.contains("needs the role publish"), "{refused:?}");
    place.with_token(&publisher);
    assert_eq!(place.apply("p.json", &[]).code, Some(0));
    // The policy of the node is its own, whatever a file says.
    let own = place.run(&["export", "--type", "master"]);
    let foreign = own.out.replace("\"ip\":\"", "\"ip\":\"6.6.");
    assert_ne!(own.out, foreign, "{own:?}");
    let stolen = place.run_with_input(&["apply", "-f", "-"], &foreign);
    assert!(stolen.code == Some(1) && stolen.err.contains("the policy of this master"), "{stolen:?}");
}
