//! How a group of variables is written down: one field, one variable, one documentation, one default.

use crate::config::setting::Setting;
use serde::de::DeserializeOwned;

/// What is known about one variable, whatever its value.
#[derive(Debug)]
pub struct Variable {
    /// Its name in the environment.
    pub name: &'static str,
    /// Older names that are still read.
    pub aliases: &'static [&'static str],
    /// The text that stands for it when nobody sets it; empty for "not set".
    pub default: &'static str,
    /// What it is for.
    pub doc: &'static [&'static str],
    /// What its text must look like.
    pub expected: &'static str,
    /// A value that works.
    pub example: &'static str,
    /// True when its value must never be shown.
    pub secret: bool,
    /// True when any text may be its value, so that a `$` in it is meant as one.
    pub text: bool,
    /// Tells why a text is no value of it.
    pub check: fn(&str) -> Option<String>,
}

/// A struct whose fields are variables.
pub trait Group: DeserializeOwned {
    /// Its variables in the order of its fields.
    const LIST: &'static [Variable];
}

/// Declares a group: `field: Type = VARIABLE | OLD_NAME ["default"],`; the field is the name in lower case.
macro_rules! group {
    (
        $(#[doc = $group_doc:literal])+
        pub struct $group:ident {
            $( $(#[doc = $doc:literal])+ $field:ident: $type:ty = $name:ident $(| $alias:ident)* [$default:literal], )+
        }
    ) => {
        $(#[doc = $group_doc])+
        #[derive(Clone, Debug, serde::Deserialize)]
        pub struct $group {
            $(
                $(#[doc = $doc])+
                #[serde(deserialize_with = "crate::config::field::deserialize")]
                pub $field: $type,
            )+
        }

        impl $crate::config::group::Group for $group {
            const LIST: &'static [$crate::config::Variable] = &[
                $( $crate::config::Variable {
                    name: stringify!($name),
                    aliases: &[$(stringify!($alias)),*],
                    default: $default,
                    doc: &[$($doc),+],
                    expected: <$type as $crate::config::Field>::EXPECTED,
                    example: <$type as $crate::config::Field>::EXAMPLE,
                    secret: <$type as $crate::config::Field>::SECRET,
                    text: <$type as $crate::config::Field>::TEXT,
                    check: |text| <$type as $crate::config::Field>::read(text).err(),
                }, )+
            ];
        }

        impl $group {
            /// The variables of this group, in the order of its fields.
            pub const VARIABLES: &'static [$crate::config::Variable] = <Self as $crate::config::group::Group>::LIST;
        }
    };
}
pub(super) use group;

/// Reads a group from the settings; a value that was already reported as a mistake counts as its default here, so that
/// one run reports everything.
///
/// # Errors
/// What envy says, when a default of the group is no value of its field; a test holds that none is.
pub fn deserialize<T: Group>(settings: &[Setting]) -> Result<T, envy::Error> {
    let pairs = T::LIST.iter().filter_map(|variable| {
        let setting = settings.iter().find(|s| s.variable.name == variable.name)?;
        let text = if setting.valid { setting.value.clone() } else { variable.default.to_owned() };
        Some((variable.name.to_owned(), text))
    });
    envy::from_iter(pairs)
}
