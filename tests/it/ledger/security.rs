//! TLS to the database, and the socket beside it.

use super::{Node, connect, device, server_at};
use crate::support::postgres::Postgres;
use anylog_master::{
    config::SslMode,
    ledger::{Error, PostgresServer, PostgresTls},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An authority whose file lies in a directory.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(directory: &Path, name: &str) -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
        let file = directory.join(name);
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    /// Returns a certificate for a name, and its key.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (parameters.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    /// Writes a certificate of a user and its key into two files.
    fn sign_user(&self, user: &str, directory: &Path) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, user);
        let files = tempfile::tempdir_in(directory).unwrap().keep();
        let (certificate, path) = (files.join("user.crt"), files.join("user.key"));
        std::fs::write(&certificate, parameters.signed_by(&key, &self.issuer).unwrap().pem()).unwrap();
        std::fs::write(&path, key.serialize_pem()).unwrap();
        (certificate, path)
    }
}

/// Tells whether a connection is made, and is encrypted.
async fn reached(server: &Postgres, host: &str, mode: SslMode, authority: Option<&Authority>) -> Result<bool, String> {
    let tls = PostgresTls { mode, authorities: authority.map(|authority| authority.file.clone()), certificate: None };
    let target = PostgresServer { tls, ..server_at(&format!("{host}:{}", server.port)) };
    let connection = connect(target).await.map_err(|error| error.to_string())?;
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE application_name = 'anylog-master'";
    let answer = server.ask("postgres", encrypted);
    connection.close().await;
    Ok(answer == "t")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_of_tls_does_what_it_says() {
    let directory = TempDir::new().unwrap();
    let (ours, strange) = (Authority::new(directory.path(), "ca.pem"), Authority::new(directory.path(), "other.pem"));
    let server = Postgres::start();
    assert_eq!(reached(&server, "localhost", SslMode::Prefer, None).await, Ok(false));
    let refused = reached(&server, "localhost", SslMode::Require, None).await.unwrap_err();
    assert!(refused.contains("DB_SSLMODE"), "{refused}");
    let (certificate, key) = ours.sign("localhost");
    server.put_file("server.crt", &certificate);
    server.put_file("server.key", &key);
    server.stop();
    server.run_start("-c ssl=on");
    for (mode, encrypted) in [(SslMode::Disable, false), (SslMode::Allow, false), (SslMode::Prefer, true)] {
        assert_eq!(reached(&server, "localhost", mode, None).await, Ok(encrypted), "{mode}");
    }
    assert_eq!(reached(&server, "localhost", SslMode::Require, None).await, Ok(true));
    for mode in [SslMode::Require, SslMode::VerifyCa, SslMode::VerifyFull] {
        assert_eq!(reached(&server, "localhost", mode, Some(&ours)).await, Ok(true), "{mode}");
        let refused = reached(&server, "localhost", mode, Some(&strange)).await.unwrap_err();
        assert!(refused.contains("DB_SSL_CA"), "{refused}");
    }
    // The name in the certificate is `localhost`, whatever its address is.
    assert_eq!(reached(&server, "127.0.0.1", SslMode::VerifyCa, Some(&ours)).await, Ok(true));
    assert!(reached(&server, "127.0.0.1", SslMode::VerifyFull, Some(&ours)).await.is_err());
    // A server that takes nothing else is reached by the second way.
    server.put_file("pg_hba.conf", "local all all trust\nhostssl all all all scram-sha-256\n");
    server.stop();
    server.run_start("-c ssl=on");
    assert_eq!(reached(&server, "localhost", SslMode::Allow, None).await, Ok(true));
    assert!(reached(&server, "localhost", SslMode::Disable, None).await.is_err());
}

/// Connects as a user whose certificate is the login, and returns what is said against it.
async fn shows(server: &Postgres, certificate: Option<(PathBuf, PathBuf)>) -> Result<(), Error> {
    let tls = PostgresTls { mode: SslMode::Require, authorities: None, certificate };
    let user = "certified".to_owned();
    let target = PostgresServer { tls, user, password: "".into(), ..server_at(&format!("localhost:{}", server.port)) };
    connect(target).await?.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_the_node_is_its_login_and_a_wrong_one_is_told_at_once() {
    let directory = TempDir::new().unwrap();
    let (ours, strange) = (Authority::new(directory.path(), "ca.pem"), Authority::new(directory.path(), "other.pem"));
    let server = Postgres::start();
    server.sql("postgres", "CREATE ROLE certified LOGIN");
    server.sql("postgres", "CREATE DATABASE blockchain OWNER certified");
    let (certificate, key) = ours.sign("localhost");
    server.put_file("server.crt", &certificate);
    server.put_file("server.key", &key);
    server.put_file("root.crt", &ours.issuer.pem());
    let hba = "local all all trust\nhostssl all certified all cert\nhost all admin all scram-sha-256\n";
    server.put_file("pg_hba.conf", hba);
    server.stop();
    server.run_start("-c ssl=on -c ssl_ca_file=root.crt");
    let own = ours.sign_user("certified", directory.path());
    shows(&server, Some(own.clone())).await.unwrap();
    let other = ours.sign_user("somebody", directory.path());
    for (case, shown) in [
        ("none", None),
        ("of another user", Some(other.clone())),
        ("of another authority", Some(strange.sign_user("certified", directory.path()))),
        ("with the key of another", Some((own.0.clone(), other.1))),
        ("that is a key", Some((own.1.clone(), own.1))),
    ] {
        let refused = shows(&server, shown).await.unwrap_err();
        assert!(matches!(&refused, Error::Unavailable(outage) if outage.is_lasting()), "{case}: {refused:?}");
        let told = refused.to_string();
        assert!(told.contains("DB_SSL_CERT") && !told.contains("PRIVATE KEY"), "{case}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_of_sockets_is_a_place() {
    let server = Postgres::start();
    let target = PostgresServer { port: server.port, ..server_at(server.sockets().to_str().unwrap()) };
    std::fs::set_permissions(server.sockets(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let node = Node::alone();
    node.ledger.attach(connect(target).await.unwrap().store().unwrap()).await.unwrap();
    node.ledger.create_table().await.unwrap();
    node.insert(&device("a", 1)).await.unwrap();
    assert_eq!(server.ask("blockchain", "SELECT policy_id FROM ledger"), "a");
    node.stop().await;
}
