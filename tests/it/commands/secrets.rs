//! Secrets of the node never reach a caller over the network, whichever command names them.

use super::{case::read, node::TestNode};
use anylog_master::{
    command::{self, CATALOG},
    node::{Origin, Output, Role, Session},
    render,
    reply::{Notice, Reply},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

const SECRET: &str = "hunter2-secret";
/// The key of a provider, and its URL; nobody listens there.
const KEY: &str = "0123456789abcdef0123456789abcdef";
const PROVIDER: &str = "http://127.0.0.1:1/v3/0123456789abcdef0123456789abcdef";

/// A REST caller with every right that REST has.
fn caller(node: &TestNode) -> Session {
    let origin = Origin::Rest { caller: [10, 0, 0, 9].into(), user: None, is_foreign: false };
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
    for reference in [
        "!db_passwd",
        "!api_token",
        "$DB_PASSWD",
        "!db_passwd.str",
        "!db_passwd[0:14]",
        "!db_passwd[0:7]",
        "!db_passwd.name",
    ] {
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
            "p[passwd] = @",
            "set p[passwd] = @",
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
            "connect dbms x where type = psql and port = @",
            "blockchain connect to @ where provider = http://127.0.0.1:1",
            "blockchain set account info where platform = ethereum and chain_id = @",
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
async fn only_the_login_of_a_database_opens_a_secret_wherever_the_command_comes_from() {
    let node = TestNode::start(&read("get")).await;
    node.node.dictionary.set_environment("DB_PASSWD", SECRET);
    let mut local = Session::local(Origin::Prompt, Arc::clone(&node.node.console), "MainThread");
    for command in
        ["db_passwd = $DB_PASSWD", "set other_passwd = !db_passwd", "shown = !db_passwd", "set $SHOWN = !db_passwd"]
    {
        command::run(&node.node, &mut local, command).await.unwrap();
    }
    // A value may go from the name of one secret to that of another, as deployment scripts do, and nowhere else.
    let dictionary = &node.node.dictionary;
    assert_eq!(dictionary.open("other_passwd").as_deref(), Some(SECRET));
    assert_eq!(dictionary.get("shown").as_deref(), Some("********"));
    assert_eq!(dictionary.environment("SHOWN").as_deref(), Some("********"));
    for command in ["get !db_passwd", "print !db_passwd", "!other_passwd", "if !db_passwd contains unter2"] {
        let answer = command::run(&node.node, &mut local, command).await;
        assert!(!format!("{answer:?}").contains("hunter2"), "{command}: {answer:?}");
    }
}

/// A request may have several commands, which share its own variables.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_request_takes_from_a_secret_is_closed_in_it() {
    let node = TestNode::start(&read("get")).await;
    node.node.dictionary.set_environment("DB_PASSWD", SECRET);
    let mut request = caller(&node);
    command::run(&node.node, &mut request, "db_passwd = $DB_PASSWD").await.unwrap();
    for command in ["print !db_passwd", "get !db_passwd", "other = !db_passwd"] {
        let answer = command::run(&node.node, &mut request, command).await;
        assert!(!format!("{answer:?}").contains("hunter2"), "{command}: {answer:?}");
    }
    assert_ne!(node.node.dictionary.open("other").as_deref(), Some(SECRET));
}

/// As the scripts of deployments do.
#[tokio::test(flavor = "multi_thread")]
async fn the_provider_of_a_chain_goes_from_the_environment_to_its_name_and_nowhere_else() {
    let node = TestNode::start(&read("get")).await;
    let (url, shown) = ("https://host/v3/0123456789abcdef0123456789abcdef", "https://host/v3/********");
    let dictionary = &node.node.dictionary;
    dictionary.set_environment("PROVIDER", url);
    dictionary.set_environment("DB_PASSWD", SECRET);
    let mut local = Session::local(Origin::Prompt, Arc::clone(&node.node.console), "MainThread");
    for command in ["provider = $PROVIDER", "shown = !provider", "set $SHOWN = $PROVIDER"] {
        command::run(&node.node, &mut local, command).await.unwrap();
    }
    assert_eq!(dictionary.open("provider").as_deref(), Some(url));
    for (name, value) in [("provider", dictionary.get("provider")), ("shown", dictionary.open("shown"))] {
        assert_eq!(value.as_deref(), Some(shown), "{name}");
    }
    assert_eq!(dictionary.open_environment("SHOWN").as_deref(), Some(shown));
    command::run(&node.node, &mut local, "provider = $DB_PASSWD").await.unwrap();
    assert_eq!(dictionary.open("provider").as_deref(), Some("********"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_is_shown_to_the_own_database_alone_when_a_caller_over_the_network_asks() {
    let node = TestNode::start(&read("get")).await;
    let dictionary = &node.node.dictionary;
    dictionary.set("db_passwd", SECRET);
    dictionary.set("chain_private_key", SECRET);
    for (name, value) in [("DB_PASSWD", SECRET), ("INDIRECT", "!db_passwd"), ("PROVIDER", PROVIDER)] {
        dictionary.set_environment(name, value);
    }
    for reference in [
        "!db_passwd",
        "$DB_PASSWD",
        "(!db_passwd)",
        "!db_passwd[0:7]",
        "!chain_private_key.str",
        "$INDIRECT",
        "$PROVIDER",
    ] {
        let command =
            format!("connect dbms x where type = psql and ip = 192.0.2.1 and user = u and password = {reference}");
        let answer = told(&node, &command).await;
        assert!(answer.contains("is for its own database"), "{reference}: {answer}");
    }
    let answer = told(&node, "connect dbms !db_passwd where type = sqlite").await;
    assert!(answer.contains("is no name of a database"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_names_a_provider_over_the_network_gets_no_secret_with_it() {
    let node = TestNode::start(&read("get")).await;
    let dictionary = &node.node.dictionary;
    dictionary.set("db_passwd", SECRET);
    dictionary.set("a", "http://127.0.0.1:1");
    dictionary.set_environment("INDIRECT", "!a/!db_passwd");
    dictionary.set_environment("PROVIDER", PROVIDER);
    let whole_or_nothing = ["!a/$PROVIDER", "\"http://127.0.0.1:1/\" + $PROVIDER", "$PROVIDER[8:99]"];
    for value in whole_or_nothing {
        assert_eq!(told(&node, &format!("provider = {value}")).await, "Empty", "{value}");
        let stored = dictionary.open("provider").unwrap_or_default();
        assert!(!stored.is_empty() && !stored.contains(KEY), "{value}: {stored}");
    }
    let connect =
        |provider: &str| format!("blockchain connect to ethereum where provider = {provider} and required = false");
    for provider in ["!a/!db_passwd", "$INDIRECT", "!a/$PROVIDER"] {
        let answer = told(&node, &connect(provider)).await;
        assert!(answer.contains("keeps closed"), "{provider}: {answer}");
    }
    assert_eq!(told(&node, "set provider = $PROVIDER").await, "Empty");
    assert_eq!(dictionary.open("provider").as_deref(), Some(PROVIDER));
    assert_eq!(told(&node, &connect("!provider")).await, "Empty");
}

/// What a caller over the network schedules, and what a policy runs, is no way round.
#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_callers_open_nothing() {
    let node = TestNode::start(&read("get")).await;
    node.node.dictionary.set("db_passwd", SECRET);
    let mut remote = caller(&node);
    remote.depth = 1;
    command::run(&node.node, &mut remote, "used = !db_passwd").await.unwrap();
    assert_eq!(node.node.dictionary.get("used").as_deref(), Some("********"));
}

/// Keeps what is printed.
#[derive(Default)]
struct Printed(Mutex<String>);

impl Output for Printed {
    fn show(&self, reply: &Reply) {
        self.0.lock().unwrap().push_str(&render::console(reply));
    }

    fn notice(&self, notice: &Notice) {
        self.0.lock().unwrap().push_str(&render::notice(notice).concat());
    }
}

/// Every door that has a session of its own.
fn doors() -> Vec<(Origin, Role)> {
    let rest = |is_foreign| Origin::Rest { caller: [10, 0, 0, 9].into(), user: None, is_foreign };
    let task = Origin::Scheduler { made_by: Arc::new(rest(false)) };
    vec![
        (Origin::Prompt, Role::Local),
        (Origin::Boot, Role::Local),
        (rest(false), Role::Admin),
        (rest(false), Role::Publish),
        (rest(false), Role::Read),
        (rest(true), Role::Read),
        (Origin::Peer { host: "10.0.0.9".to_owned(), port: 1, caller: [10, 0, 0, 9].into() }, Role::Publish),
        (task, Role::Admin),
    ]
}

/// Every command of the catalog at every door, with a secret in each place of its examples where a value stands.
#[tokio::test(flavor = "multi_thread")]
async fn no_command_at_any_door_prints_a_secret() {
    let node = TestNode::start(&read("get")).await;
    let dictionary = &node.node.dictionary;
    dictionary.set("db_passwd", SECRET);
    dictionary.set_environment("DB_PASSWD", SECRET);
    // What ends the node, a server or the wait for another node tells nothing that the others do not.
    let ends = ["exit", "wait", "blockchain wait", "run client", "test network", "disconnect", "set anylog home"];
    let entries = CATALOG.entries().filter(|entry| !ends.iter().any(|end| entry.words.starts_with(end)));
    let examples = entries.flat_map(|entry| {
        let own = [format!("{} !db_passwd", entry.words), format!("{} where name = $DB_PASSWD", entry.words)];
        let examples = entry.help.examples.iter().map(|example| match example.rsplit_once(' ') {
            Some((before, _)) => format!("{before} !db_passwd"),
            None => format!("{example} $DB_PASSWD"),
        });
        own.into_iter().chain(examples).collect::<Vec<_>>()
    });
    let commands: Vec<String> = examples.collect();
    assert!(commands.len() > 400, "{}", commands.len());
    for (origin, role) in doors() {
        let printed = Arc::new(Printed::default());
        for command in &commands {
            let output = Arc::clone(&printed) as Arc<dyn Output>;
            let mut session = Session::new(origin.clone(), role, output, "test");
            session.locals = Some(HashMap::new());
            let run = command::run(&node.node, &mut session, command);
            // A command that takes longer waits for somebody who is not there.
            let Ok(answer) = tokio::time::timeout(Duration::from_secs(2), run).await else { continue };
            let shown = match &answer {
                Ok(reply) => format!("{reply:?}"),
                Err(error) => error.to_string(),
            };
            assert!(!shown.contains("hunter2"), "{origin:?} {command}: {shown}");
        }
        let printed = printed.0.lock().unwrap();
        assert!(!printed.contains("hunter2"), "{origin:?}");
    }
    for log in
        ["get error log", "get event log", "get query log", "get streaming log", "get file log", "get dictionary"]
    {
        assert!(!told(&node, log).await.contains("hunter2"), "{log}");
    }
}
