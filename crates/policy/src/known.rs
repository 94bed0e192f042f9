//! What rules and queries ask about the policies that are there.

use crate::{ListedPolicy, Policy, PolicyRef, UnreadPolicy, matching::same_text};
use std::collections::BTreeSet;

/// Policies in ledger order.
pub type Policies<'a> = Box<dyn Iterator<Item = PolicyRef<'a>> + 'a>;

/// Policies in ledger order, each of which may not be read yet.
pub type Candidates<'a> = Box<dyn Iterator<Item = Candidate<'a>> + 'a>;

/// A policy that somebody looks at to see whether it is wanted.
#[derive(Clone, Debug)]
pub enum Candidate<'a> {
    /// Its value is there.
    Read(PolicyRef<'a>),
    /// Its text is there.
    Unread(UnreadPolicy<'a>),
}

impl<'a> Candidate<'a> {
    /// Returns the type.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Read(policy) => policy.kind(),
            Self::Unread(policy) => policy.kind,
        }
    }

    /// Returns the bytes that reading it takes; none when it is read.
    #[must_use]
    pub fn unread_bytes(&self) -> usize {
        match self {
            Self::Read(_) => 0,
            Self::Unread(policy) => policy.text.len(),
        }
    }

    /// Returns a policy that has these attributes like the whole one, and perhaps others.
    #[must_use]
    pub fn part(&self, attributes: &BTreeSet<&str>) -> Option<PolicyRef<'a>> {
        match self {
            Self::Read(policy) => Some(policy.clone()),
            Self::Unread(policy) => policy.part(attributes).map(PolicyRef::from),
        }
    }

    /// Returns the whole policy.
    #[must_use]
    pub fn whole(self) -> Option<PolicyRef<'a>> {
        match self {
            Self::Read(policy) => Some(policy),
            Self::Unread(policy) => policy.whole().map(PolicyRef::from),
        }
    }

    /// Returns the policy for a list; nothing more is read of it for that.
    #[must_use]
    pub fn listed(self) -> ListedPolicy {
        match self {
            Self::Read(policy) => policy.into_owned().into_value().into(),
            Self::Unread(policy) => policy.listed(),
        }
    }
}

/// The policies a node knows. Each look-up reads them all unless there is an index for it, and gives ledger order;
/// `name`, `ip` and `port` are compared as reference/ledger 7.2 says (text ignoring case, numbers by value).
pub trait Known: Sync {
    /// Returns every policy.
    fn all(&self) -> Policies<'_>;

    /// Returns the policies of one type.
    fn of_type<'a>(&'a self, kind: &str) -> Policies<'a> {
        let kind = kind.to_owned();
        Box::new(self.all().filter(move |policy| policy.kind() == kind))
    }

    /// Returns the policies of one type, or every one, for who reads only what decides whether they are wanted.
    fn candidates<'a>(&'a self, kind: Option<&str>) -> Candidates<'a> {
        let policies = kind.map_or_else(|| self.all(), |kind| self.of_type(kind));
        Box::new(policies.map(Candidate::Read))
    }

    /// Returns the first policy with this id, of any type.
    fn by_id<'a>(&'a self, id: &str) -> Option<PolicyRef<'a>> {
        self.all().find(|policy| policy.id().as_deref() == Some(id))
    }

    /// Returns the policies whose `id` equals a text as a condition sees it, which is more than being the same: case does not count.
    fn with_id<'a>(&'a self, id: &str) -> Policies<'a> {
        let id = id.to_owned();
        Box::new(self.all().filter(move |policy| policy.has("id", &id)))
    }

    /// Returns the policies of a type whose `name` is this text.
    fn named<'a>(&'a self, kind: &str, name: &str) -> Policies<'a> {
        let name = name.to_owned();
        Box::new(self.of_type(kind).filter(move |policy| policy.has("name", &name)))
    }

    /// Returns the policies of a type with this `ip` and `port`.
    fn at_address<'a>(&'a self, kind: &str, ip: &str, port: &str) -> Policies<'a> {
        let (ip, port) = (ip.to_owned(), port.to_owned());
        Box::new(self.of_type(kind).filter(move |policy| policy.has("ip", &ip) && policy.has("port", &port)))
    }

    /// Returns the operators whose `cluster` is this id, in whatever case: members compare texts so when they test the ledger.
    fn serving<'a>(&'a self, cluster: &str) -> Policies<'a> {
        let cluster = cluster.to_owned();
        let serves = move |policy: &PolicyRef<'_>| policy.text("cluster").is_some_and(|own| same_text(own, &cluster));
        Box::new(self.of_type("operator").filter(serves))
    }

    /// Returns the policies whose `parent` is this id, clusters excluded (reference/ledger 5.2).
    fn children<'a>(&'a self, id: &str) -> Policies<'a> {
        let id = id.to_owned();
        let mine = move |policy: &PolicyRef<'_>| policy.kind() != "cluster" && policy.text("parent") == Some(&id);
        Box::new(self.all().filter(mine))
    }
}

/// A plain list as [`Known`]: every look-up reads it through. For small sets such as the value of a variable.
impl Known for Vec<Policy> {
    fn all(&self) -> Policies<'_> {
        Box::new(self.iter().map(PolicyRef::from))
    }
}

/// Another [`Known`] without one policy; for the rules of a policy that takes that one's place.
pub struct Without<'a> {
    known: &'a dyn Known,
    id: &'a str,
}

impl<'a> Without<'a> {
    /// Hides the policy with this id.
    #[must_use]
    pub fn new(known: &'a dyn Known, id: &'a str) -> Self {
        Self { known, id }
    }

    fn others<'b>(&'b self, policies: Policies<'b>) -> Policies<'b> {
        Box::new(policies.filter(|policy| policy.id().as_deref() != Some(self.id)))
    }
}

impl Known for Without<'_> {
    fn all(&self) -> Policies<'_> {
        self.others(self.known.all())
    }

    fn of_type<'a>(&'a self, kind: &str) -> Policies<'a> {
        self.others(self.known.of_type(kind))
    }

    fn by_id<'a>(&'a self, id: &str) -> Option<PolicyRef<'a>> {
        if id == self.id { None } else { self.known.by_id(id) }
    }

    fn with_id<'a>(&'a self, id: &str) -> Policies<'a> {
        self.others(self.known.with_id(id))
    }

    fn named<'a>(&'a self, kind: &str, name: &str) -> Policies<'a> {
        self.others(self.known.named(kind, name))
    }

    fn at_address<'a>(&'a self, kind: &str, ip: &str, port: &str) -> Policies<'a> {
        self.others(self.known.at_address(kind, ip, port))
    }

    fn serving<'a>(&'a self, cluster: &str) -> Policies<'a> {
        self.others(self.known.serving(cluster))
    }

    fn children<'a>(&'a self, id: &str) -> Policies<'a> {
        self.others(self.known.children(id))
    }
}
