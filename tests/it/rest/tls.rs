//! TLS: client certificates, reload, foreign certificates.

use super::{
    client::{Reply, receive, text},
    node::TestNode,
};
use anylog_master::{
    node::Server,
    prompt::{Client, ClientTarget},
    rest::{CertificateRoles, Mode, RestServer, RestSettings, TlsFiles},
    runtime::client_identity::ClientIdentity,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::TlsConnector;

/// An authority of this test.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap())
    }

    /// Signs a certificate for `localhost`; returns certificate and key as PEM.
    fn sign(&self) -> (String, String) {
        self.sign_for("any")
    }

    /// Signs a certificate of an owner for `localhost`.
    fn sign_for(&self, owner: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, owner);
        (parameters.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

fn write(directory: &Path, authority: &Authority, ask: bool) -> TlsFiles {
    let (certificate, key) = authority.sign();
    let files = TlsFiles {
        certificate: directory.join("server.crt"),
        key: directory.join("server.key"),
        authority: ask.then(|| directory.join("ca.crt")),
    };
    std::fs::write(&files.certificate, certificate).unwrap();
    std::fs::write(&files.key, key).unwrap();
    std::fs::write(directory.join("ca.crt"), authority.0.pem()).unwrap();
    files
}

fn client(authority: &Authority, own: Option<(String, String)>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.0.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let config = match own {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
            builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()).unwrap()
        }
    };
    TlsConnector::from(Arc::new(config))
}

async fn ask(address: SocketAddr, connector: &TlsConnector, command: &str) -> std::io::Result<Reply> {
    ask_by("GET", address, connector, command).await
}

async fn ask_by(method: &str, address: SocketAddr, connector: &TlsConnector, command: &str) -> std::io::Result<Reply> {
    let stream = TcpStream::connect(address).await?;
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
    let headers = [("User-Agent", "AnyLog/1.23"), ("command", command)];
    stream.write_all(text(method, "/", &headers, "").as_bytes()).await?;
    // A foreign certificate is refused after the client's part of the handshake: the first read tells.
    let mut first = [0; 1];
    let (server, _) = stream.get_ref();
    server.readable().await?;
    if server.peek(&mut first).await? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    let reading = tokio::spawn(async move { receive(&mut stream).await });
    reading.await.map_err(|_| std::io::ErrorKind::ConnectionAborted.into())
}

async fn start(files: TlsFiles) -> TestNode {
    TestNode::start(RestSettings { tls: Some(files), ..RestSettings::default() }).await
}

#[tokio::test]
async fn a_server_without_authority_takes_every_client() {
    let (directory, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let node = start(write(directory.path(), &authority, false)).await;
    let reply = ask(node.address(), &client(&authority, None), "").await.unwrap();
    assert_eq!(reply.status, 200);
    assert!(node.listening.options.tls.is_some());
}

#[tokio::test]
async fn with_an_authority_every_request_needs_its_certificate() {
    let (directory, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let node = start(write(directory.path(), &authority, true)).await;
    let without = ask(node.address(), &client(&authority, None), "get status").await.unwrap();
    assert_eq!(without.status, 401);
    let with = ask(node.address(), &client(&authority, Some(authority.sign())), "").await.unwrap();
    assert_eq!(with.status, 200);
    let foreign = client(&authority, Some(Authority::new().sign()));
    assert!(ask(node.address(), &foreign, "").await.is_err(), "the handshake fails");
}

#[tokio::test]
async fn the_commands_of_the_program_show_a_certificate() {
    let (directory, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let node = start(write(directory.path(), &authority, true)).await;
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (certificate, key) = authority.sign();
    let identity = ClientIdentity { certificate: file("own.crt", &certificate), key: file("own.key", &key) };
    let target = |identity: Option<&ClientIdentity>| ClientTarget {
        address: format!("https://localhost:{}", node.address().port()),
        authority: Some(directory.path().join("ca.crt")),
        identity: identity.cloned(),
        ..ClientTarget::default()
    };
    let without = Client::new(target(None)).unwrap().run("get status", None).await.unwrap_err();
    assert!(without.to_string().contains("certificate"), "{without}");
    let with = Client::new(target(Some(&identity))).unwrap().run("get status", None).await.unwrap();
    assert!(with.contains("running"), "{with}");
    let other = ClientIdentity { key: file("other.key", &authority.sign().1), ..identity };
    let wrong = Client::new(target(Some(&other))).unwrap_err().to_string();
    assert!(wrong.contains("other.key"), "{wrong}");
}

#[tokio::test]
async fn a_certificate_may_do_what_its_owner_may() {
    let (directory, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let tls = Some(write(directory.path(), &authority, true));
    let certificate_roles = CertificateRoles::parse("ops:admin; gui:publish").unwrap();
    let node =
        TestNode::start(RestSettings { auth: Some(Mode::Mtls), certificate_roles, tls, ..RestSettings::default() })
            .await;
    for (owner, statuses) in [("ops", [200, 200, 200]), ("gui", [200, 200, 403]), ("any", [200, 403, 403])] {
        let client = client(&authority, Some(authority.sign_for(owner)));
        for ((method, command), status) in
            [("GET", "get status"), ("POST", "set a = 5"), ("POST", "set reply ip = dynamic")].into_iter().zip(statuses)
        {
            let reply = ask_by(method, node.address(), &client, command).await.unwrap();
            assert_eq!(reply.status, status, "{owner}: {command}: {}", reply.body);
        }
    }
}

#[tokio::test]
async fn changed_files_are_read_again_and_bad_ones_are_not_used() {
    let (directory, first) = (tempfile::tempdir().unwrap(), Authority::new());
    let files = write(directory.path(), &first, false);
    let node = TestNode::start(RestSettings::default()).await;
    let server = RestServer::new(RestSettings { tls: Some(files.clone()), ..RestSettings::default() });
    let address = server.start(Arc::clone(&node.node), super::node::options()).await.unwrap().bound;
    let second = Authority::new();
    write(directory.path(), &second, false);
    server.reload().unwrap();
    assert!(ask(address, &client(&first, None), "").await.is_err());
    assert_eq!(ask(address, &client(&second, None), "").await.unwrap().status, 200);
    std::fs::write(&files.certificate, "nothing").unwrap();
    assert!(server.reload().unwrap_err().contains("server.crt"));
    assert_eq!(ask(address, &client(&second, None), "").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_silent_connection_does_not_stop_the_others() {
    let (directory, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let node = start(write(directory.path(), &authority, false)).await;
    let _silent = TcpStream::connect(node.address()).await.unwrap();
    let connector = client(&authority, None);
    let answer = tokio::time::timeout(Duration::from_secs(5), ask(node.address(), &connector, ""));
    assert_eq!(answer.await.expect("at once").unwrap().status, 200);
}
