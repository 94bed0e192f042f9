//! Secrets of the node never reach a caller over the network, whichever command names them.

use super::{case::read, node::TestNode};
use anylog_master::{
    command,
    node::{Origin, Role, Session},
    reply::Reply,
};
use std::{collections::HashMap, sync::Arc};

const SECRET: &str = "hunter2-secret";

/// A REST caller with every right that REST has.
fn caller(node: &TestNode) -> Session {
    let origin = Origin::Rest { caller: [10, 0, 0, 9].into(), user: None };
    let session = Session::local(origin, Arc::clone(&node.node.console), "rest");
    Session { role: Role::Admin, locals: Some(HashMap::new()), ..session }
}

async fn told(node: &TestNode, command: &str) -> String {
    match command::run(&node.node, &mut caller(node), command).await {
        Ok(Reply::Text(text)) => text,
        Ok(reply) => format!("{reply:?}"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_tells_a_secret() {
    let node = TestNode::start(&read("get")).await;
    node.node.dictionary.set("db_passwd", SECRET);
    node.node.dictionary.set("api_token", SECRET);
    node.node.dictionary.set_environment("DB_PASSWD", SECRET);
    for reference in ["!db_passwd", "!api_token", "$DB_PASSWD", "!db_passwd.str", "!db_passwd[0:14]", "!db_passwd.name"]
    {
        for command in [
            "get @",
            "@",
            "x + @",
            "print @",
            "echo @",
            "if @ contains unter2",
            "x = @",
            "x = @ + y",
            "x = get @",
            "incr @",
            "json {\"a\" : @}",
            "x = json {\"a\" : @}",
            "from {\"a\" : {\"b\" : @}} bring [a][b]",
            "set policy p [a] = @",
            "create policy test where a = @",
            "blockchain get test where name = @",
            "blockchain insert where policy = {\"test\" : {\"name\" : @}} and local = true",
            "get error @",
            "get error log where keys = @",
            "file test @",
            "get files @",
            "help @",
            "random substr x @",
            "python @.upper()",
            "run tcp server where external_ip = 1.1.1.1 and external_port = @",
            "run blockchain sync where source = master and dest = file and time = @",
            "connect dbms x where type = @",
            "set output table width @",
            "set rest timeout @",
            "task run where scheduler = @ and name = x",
            "test connection @",
            "process @",
            "get status where format = json and include = @",
            "run client (@) get status",
        ] {
            let command = command.replace('@', reference);
            let answer = told(&node, &command).await;
            assert!(!answer.contains(SECRET) && !answer.contains("hunter2"), "{command}: {answer}");
            let verdict = answer.contains("Bool(true)");
            assert!(!(command.starts_with("if ") && verdict), "{command} tells whether a guess is right");
        }
    }
    for command in ["get dictionary", "get dictionary where format = json", "get env var", "get !x", "!x", "get !p"] {
        assert!(!told(&node, command).await.contains("hunter2"), "{command}");
    }
    for log in ["get error log", "get event log", "get echo queue", "blockchain get *"] {
        assert!(!told(&node, log).await.contains("hunter2"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_prompt_and_own_scripts_have_them() {
    let node = TestNode::start(&read("get")).await;
    node.node.dictionary.set("db_passwd", SECRET);
    let mut local = Session::local(Origin::Prompt, Arc::clone(&node.node.console), "MainThread");
    let answer = command::run(&node.node, &mut local, "get !db_passwd").await.unwrap();
    assert_eq!(answer, Reply::Text(SECRET.to_owned()));
    let mut remote = caller(&node);
    remote.locals.as_mut().unwrap().insert("my_key".to_owned(), "mine".to_owned());
    let answer = command::run(&node.node, &mut remote, "x = !my_key").await;
    assert!(answer.is_ok());
    std::fs::write(node.home.path().join("uses.al"), "used = !db_passwd\n").unwrap();
    remote.depth = 1;
    command::run(&node.node, &mut remote, "used = !db_passwd").await.unwrap();
    let used = remote.locals.unwrap().get("used").cloned().or_else(|| node.node.dictionary.get("used"));
    assert_eq!(used.as_deref(), Some(SECRET));
}
