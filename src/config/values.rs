//! Small value types of the groups.

use crate::config::Field;
use anylog_values::{Address, AddressError, DatabaseHosts, DatabaseHostsError, Host, HostError};
use std::fmt;

/// Declares an enum whose values are words.
macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident, $expected:literal, $($(#[doc = $item_doc:literal])+ $item:ident = $word:literal),+ $(,)?) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $item_doc])+ $item,)+ }

        impl $name {
            /// Returns the word as it is written in the env file.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$item => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Field for $name {
            const EXPECTED: &'static str = $expected;
            const EXAMPLE: &'static str = [$($word),+][0];

            fn read(text: &str) -> Result<Self, String> {
                match text.to_ascii_lowercase().as_str() {
                    $($word => Ok(Self::$item),)+
                    _ => Err(concat!("it is none of the words ", $expected).to_owned()),
                }
            }
        }
    };
}

words! {
    /// Kind of database.
    DbType, "sqlite or psql",
    /// A file.
    Sqlite = "sqlite",
    /// PostgreSQL.
    Psql = "psql",
}

words! {
    /// How connections to PostgreSQL are secured; its own clients use the same words.
    SslMode, "disable, allow, prefer, require, verify-ca or verify-full",
    /// Never encrypted.
    Disable = "disable",
    /// Encrypted where the server takes nothing else.
    Allow = "allow",
    /// Encrypted where the server can.
    Prefer = "prefer",
    /// Always encrypted; the certificate is looked at where authorities are named.
    Require = "require",
    /// The certificate comes from the authorities.
    VerifyCa = "verify-ca",
    /// The certificate comes from the authorities and is for the name that is connected to.
    VerifyFull = "verify-full",
}

impl Default for SslMode {
    /// What the clients of PostgreSQL do when nobody says more.
    fn default() -> Self {
        Self::Prefer
    }
}

words! {
    /// What counts when the ledger table lacks most of what the local copy has.
    StartFrom, "copy or table",
    /// The local copy: its policies come back into the table.
    Copy = "copy",
    /// The table: it stays as it is.
    Table = "table",
}

words! {
    /// Where the ledger is kept.
    LedgerSource, "master, dbms, ethereum or optimism",
    /// In the table of a master.
    Master = "master",
    /// In the own table, which nobody is asked for.
    Dbms = "dbms",
    /// In a contract on Ethereum, which this master relays.
    Ethereum = "ethereum",
    /// In a contract on Optimism, which this master relays.
    Optimism = "optimism",
}

impl LedgerSource {
    /// Tells whether it is a chain.
    #[must_use]
    pub const fn is_chain(self) -> bool {
        matches!(self, Self::Ethereum | Self::Optimism)
    }
}

/// A price of gas, in Wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gwei(pub u128);

impl Field for Gwei {
    const EXPECTED: &'static str = "a number of Gwei with up to nine digits behind the point";
    const EXAMPLE: &'static str = "2.5";

    fn read(text: &str) -> Result<Self, String> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 9 {
            return Err("it is no such number".to_owned());
        }
        let number = format!("{whole}{part:0<9}").parse().map_err(|_| "it is too large".to_owned())?;
        if number == 0 { Err("no chain is so cheap".to_owned()) } else { Ok(Self(number)) }
    }
}

words! {
    /// When members see a change that is relayed to a contract platform.
    RelayVisible, "pending or confirmed",
    /// At once, while the platform still has to take it.
    Pending = "pending",
    /// When the platform has it.
    Confirmed = "confirmed",
}

words! {
    /// How REST callers prove who they are.
    Auth, "off, token or mtls",
    /// They do not.
    Off = "off",
    /// With a token.
    Token = "token",
    /// With a client certificate.
    Mtls = "mtls",
}

words! {
    /// Which other nodes may do something.
    Senders, "open, known or allow",
    /// Everybody who reaches the port.
    Open = "open",
    /// Those whose address a policy of a node has, and those of PEER_ALLOW.
    Known = "known",
    /// Those of PEER_ALLOW.
    Allow = "allow",
}

words! {
    /// Which members get the ledger compressed.
    LedgerGzip, "auto, on or off",
    /// Nodes that are known to unpack it.
    Auto = "auto",
    /// Every member that did not refuse one.
    On = "on",
    /// Nobody.
    Off = "off",
}

words! {
    /// Format of the log.
    LogFormat, "text or json",
    /// One readable line per event.
    Text = "text",
    /// One JSON object per event.
    Json = "json",
}

words! {
    /// When the console writes texts and prompts.
    ConsoleOutput, "auto or always",
    /// When somebody is there.
    Auto = "auto",
    /// Whoever is there.
    Always = "always",
}

impl Field for Host {
    const EXPECTED: &'static str = "an address or a host name, without a port";
    const EXAMPLE: &'static str = "10.0.0.5";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: HostError| error.to_string())
    }
}

impl Field for DatabaseHosts {
    const EXPECTED: &'static str =
        "addresses or names with commas between them, each with a port or without, or a directory of sockets";
    const EXAMPLE: &'static str = "pg1,pg2:5433";

    fn read(text: &str) -> Result<Self, String> {
        if is_database_url(text) {
            return Err("it is the URL of a database: write it into DB_URL instead".to_owned());
        }
        text.parse().map_err(|error: DatabaseHostsError| error.to_string())
    }
}

impl Field for Address {
    const EXPECTED: &'static str = "ip:port";
    const EXAMPLE: &'static str = "10.0.0.5:32048";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: AddressError| error.to_string())
    }
}

/// Tells whether a text says all of a database in one, also for the drivers of other languages (`postgresql+asyncpg://…`,
/// `jdbc:postgresql://…`).
#[must_use]
pub fn is_database_url(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| scheme.contains("postgres"))
}

/// The beginning of a web address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    /// Returns the address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Field for Url {
    const EXPECTED: &'static str = "an http:// or https:// address";
    const EXAMPLE: &'static str = "https://api.ipify.org";

    fn read(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        match rest {
            Some(rest) if !rest.is_empty() && !rest.contains(char::is_whitespace) => Ok(Self(text.to_owned())),
            _ => Err("it is no web address".to_owned()),
        }
    }
}

/// Words with commas or blanks between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List(Vec<String>);

impl List {
    /// Tells whether a word is in the list.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.0.iter().any(|w| w == word)
    }

    /// Returns the words.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

impl Field for List {
    const EXPECTED: &'static str = "words with commas between them";
    const EXAMPLE: &'static str = "file, dbms";

    fn read(text: &str) -> Result<Self, String> {
        let words = text.split([',', ' ']).filter(|w| !w.is_empty());
        Ok(Self(words.map(str::to_owned).collect()))
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize);

impl Field for Size {
    const EXPECTED: &'static str = "a number of bytes with KB, MB or GB";
    const EXAMPLE: &'static str = "16 MB";

    fn read(text: &str) -> Result<Self, String> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let number = usize::read(number)?;
        let shift = match unit.trim().to_ascii_uppercase().as_str() {
            "" | "B" => 0,
            "K" | "KB" => 10,
            "M" | "MB" => 20,
            "G" | "GB" => 30,
            other => return Err(format!("{other} is no unit of size")),
        };
        number.checked_mul(1 << shift).map(Self).ok_or_else(|| "it is too large".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_addresses() {
        assert!(Host::read("10.0.0.5").is_ok() && Host::read("postgres").is_ok() && Host::read("::1").is_ok());
        for text in ["", "10.0.0.256", "1.2.3", "a b", "10.0.0.5:80", "http://x"] {
            assert!(Host::read(text).is_err(), "{text}");
        }
        assert_eq!(Address::read("master:32048").map(|a| a.to_string()), Ok("master:32048".to_owned()));
        assert_eq!(Address::read("[::1]:5").map(|a| a.port()), Ok(5));
        for text in ["", "host", "host:", "host:x", ":5", "host:70000"] {
            assert!(Address::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_url_of_a_database_is_no_host() {
        assert!(is_database_url("postgres://u@h/x") && is_database_url("jdbc:postgresql://h/x"));
        assert!(!is_database_url("tcp://10.0.0.1:5432") && !is_database_url("postgres"));
        assert!(DatabaseHosts::read("postgres://u:p@h/x").unwrap_err().contains("DB_URL"));
        assert!(DatabaseHosts::read("http://h").unwrap_err().contains("page"));
    }

    #[test]
    fn sizes_and_lists() {
        assert_eq!(Size::read("16 MB"), Ok(Size(16 << 20)));
        assert_eq!(Size::read("512"), Ok(Size(512)));
        assert!(Size::read("1 parsec").is_err());
        let list = List::read("file, dbms").unwrap_or_default();
        assert!(list.has("file") && list.has("dbms") && list.words().len() == 2);
    }
}
