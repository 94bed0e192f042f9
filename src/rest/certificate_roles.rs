//! What the owners of client certificates may do: `REST_CERT_ROLES`.

use crate::{node::Role, rest::tokens};
use x509_cert::{Certificate, der::Decode};

/// Stands for everybody who is not named.
const OTHERS: &str = "*";

/// Who a client certificate belongs to, and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateOwner {
    /// The common name of the subject, or the whole subject when it has none.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

/// Why a list of roles cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{item}' is not name:role: write the common name of a certificate or its whole subject, a colon, and read, publish or admin; with ; between"
)]
pub struct WrongCertificateRole {
    /// The part that is wrong.
    pub item: String,
}

/// The roles by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateRoles {
    named: Vec<(String, Role)>,
}

impl CertificateRoles {
    /// Reads `name:role; name:role`.
    ///
    /// # Errors
    /// The first part that is not of this form.
    pub fn parse(text: &str) -> Result<Self, WrongCertificateRole> {
        let items = text.split([';', '\n']).map(str::trim).filter(|item| !item.is_empty());
        let named = items.map(|item| role(item).ok_or_else(|| WrongCertificateRole { item: item.to_owned() }));
        Ok(Self { named: named.collect::<Result<_, _>>()? })
    }

    /// Tells whether nobody is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// Returns the owner of a certificate in DER form; who is not named may read.
    #[must_use]
    pub fn owner(&self, certificate: &[u8]) -> CertificateOwner {
        let (subject, common_name) = subject(certificate).unwrap_or_default();
        let is = |name: &str| name == subject || common_name.as_deref() == Some(name);
        let of =
            |wanted: &dyn Fn(&str) -> bool| self.named.iter().find(|(name, _)| wanted(name)).map(|(_, role)| *role);
        let named = Some(&is as &dyn Fn(&str) -> bool).filter(|_| !subject.is_empty()).and_then(of);
        let role = named.or_else(|| of(&|name| name == OTHERS)).unwrap_or(Role::Read);
        CertificateOwner { name: common_name.unwrap_or(subject), role }
    }
}

fn role(item: &str) -> Option<(String, Role)> {
    let (name, role) = item.rsplit_once(':')?;
    let name = name.trim();
    if name.is_empty() { None } else { Some((name.to_owned(), tokens::role_of(role.trim())?)) }
}

/// Returns the subject of a certificate as RFC 4514 writes it, and its common name.
fn subject(certificate: &[u8]) -> Option<(String, Option<String>)> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let subject = certificate.tbs_certificate().subject();
    let common_name = subject.common_name().ok().flatten().map(String::from);
    Some((subject.to_string(), common_name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    fn certificate(parts: &[(DnType, &str)]) -> Vec<u8> {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name = DistinguishedName::new();
        for (kind, value) in parts {
            parameters.distinguished_name.push(kind.clone(), *value);
        }
        parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_subject_says_the_role() {
        let roles = CertificateRoles::parse("ops:admin; gui 1:publish;CN=probe,O=Acme:publish").unwrap();
        let role = |parts: &[(DnType, &str)]| {
            let owner = roles.owner(&certificate(parts));
            (owner.name, owner.role)
        };
        let named = |name: &str, role| (name.to_owned(), role);
        assert_eq!(role(&[(DnType::CommonName, "ops")]), named("ops", Role::Admin));
        assert_eq!(role(&[(DnType::CommonName, "gui 1")]), named("gui 1", Role::Publish));
        let acme = [(DnType::OrganizationName, "Acme"), (DnType::CommonName, "probe")];
        assert_eq!(role(&acme), named("probe", Role::Publish));
        assert_eq!(role(&[(DnType::CommonName, "probe")]), named("probe", Role::Read));
        assert_eq!(role(&[(DnType::OrganizationName, "ops")]), named("O=ops", Role::Read));
        assert_eq!(role(&[]), named("", Role::Read));
    }

    #[test]
    fn a_star_stands_for_all_others() {
        let roles = CertificateRoles::parse("*:publish; ops:admin").unwrap();
        assert_eq!(roles.owner(&certificate(&[(DnType::CommonName, "ops")])).role, Role::Admin);
        assert_eq!(roles.owner(&certificate(&[(DnType::CommonName, "x")])).role, Role::Publish);
        assert_eq!(roles.owner(b"no certificate").role, Role::Publish);
        assert_eq!(CertificateRoles::default().owner(&certificate(&[(DnType::CommonName, "ops")])).role, Role::Read);
    }

    #[test]
    fn names_the_part_that_is_wrong() {
        for (text, item) in [("ops", "ops"), ("ops:admin; gui:root", "gui:root"), (":read", ":read")] {
            assert_eq!(CertificateRoles::parse(text).unwrap_err().item, item);
        }
        assert!(CertificateRoles::parse(" ; ").unwrap().is_empty());
    }
}
