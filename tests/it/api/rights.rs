//! Roles and pages of other origins.

use super::{Master, Place, problem};
use anylog_master::{
    node::Role,
    rest::{Mode, NewToken, RestSettings, Tokens},
};

fn settings(auth: Mode) -> (RestSettings, [String; 3]) {
    let tokens =
        [Role::Read, Role::Publish, Role::Admin].map(|role| NewToken::generate(&format!("{role:?}"), role).unwrap());
    let lines: String = tokens.iter().map(|token| format!("{}\n", token.line)).collect();
    let settings = RestSettings { auth: Some(auth), tokens: Tokens::parse(&lines).unwrap(), ..RestSettings::default() };
    (settings, tokens.map(|token| format!("Bearer {}", token.secret)))
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says() {
    let (settings, [reader, publisher, admin]) = settings(Mode::Token);
    let master = Master::with(&Place::sqlite(), settings).await;
    let (policy, command) = (r#"{"device": {"name": "a"}}"#, r#"{"command": "set a = 5"}"#);
    let bearer = |token: &str| [("Authorization".to_owned(), token.to_owned())];
    let send = |token: String, method: &'static str, target: &'static str, body: &'static str| {
        let master = &master;
        async move {
            let lines = bearer(&token);
            let mut headers: Vec<(&str, &str)> =
                lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            if token.is_empty() {
                headers.clear();
            }
            master.send(method, target, &headers, body).await
        }
    };
    let none = send(String::new(), "GET", "/v1/policies", "").await;
    assert_eq!((problem(&none), none.header("www-authenticate")), ((401, "no-proof".to_owned()), "Bearer"));
    assert!(none.body.contains("a token is required: Authorization: Bearer TOKEN"), "{}", none.body);
    assert_eq!(problem(&send("Bearer alm_0".to_owned(), "GET", "/v1/health", "").await).0, 401);
    for token in [&reader, &publisher, &admin] {
        for target in ["/v1/policies", "/v1/members", "/v1/boot", "/v1/health", "/v1/processes", "/v1/commands"] {
            assert_eq!(send(token.clone(), "GET", target, "").await.status, 200, "{target}");
        }
    }
    assert_eq!(problem(&send(reader.clone(), "POST", "/v1/policies", policy).await).0, 403);
    assert_eq!(problem(&send(reader.clone(), "POST", "/v1/commands", command).await).0, 403);
    assert_eq!(send(publisher.clone(), "POST", "/v1/policies", policy).await.status, 201);
    assert_eq!(send(admin.clone(), "POST", "/v1/commands", command).await.status, 200);
    assert_eq!(send(String::new(), "GET", "/openapi.json", "").await.status, 200);
}

#[tokio::test]
async fn who_shows_no_token_may_read_a_guarded_node_and_is_asked_for_one_to_change_it() {
    let (settings, _) = settings(Mode::Guarded);
    let master = Master::with(&Place::sqlite(), settings).await;
    assert_eq!(master.send("GET", "/v1/policies", &[], "").await.status, 200);
    let refused = master.post("/v1/policies", r#"{"device": {}}"#).await;
    assert_eq!((problem(&refused), refused.header("www-authenticate")), ((401, "no-proof".to_owned()), "Bearer"));
}

#[tokio::test]
async fn a_page_of_another_origin_reads_policies_and_no_more() {
    let master = Master::start(&Place::sqlite()).await;
    let foreign = [("Origin", "http://evil.example")];
    assert_eq!(master.send("GET", "/v1/policies", &foreign, "").await.status, 200);
    assert_eq!(problem(&master.send("GET", "/v1/members", &foreign, "").await).0, 403);
    assert_eq!(problem(&master.send("GET", "/v1/events?topics=boot", &foreign, "").await).0, 403);
    let refused = master.send("POST", "/v1/policies", &foreign, r#"{"device": {}}"#).await;
    assert_eq!(problem(&refused).0, 403);
}
