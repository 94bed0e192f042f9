//! Amounts of the chain's own coin.

use std::fmt;

/// Wei of one Ether.
const ETHER: u128 = 1_000_000_000_000_000_000;
/// Wei of one Gwei.
const GWEI: u128 = 1_000_000_000;

/// An amount in Wei: a balance, or the price of one unit of gas. What is beyond 128 bits, as on test chains, is counted as the
/// most that fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub u128);

impl Amount {
    /// Returns an amount of Gwei.
    #[must_use]
    pub const fn gwei(gwei: u64) -> Self {
        Self((gwei as u128).saturating_mul(GWEI))
    }

    /// Reads a number of Gwei with up to nine digits behind the point, such as `0.05`.
    #[must_use]
    pub fn from_gwei(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 9 {
            return None;
        }
        let whole: u128 = whole.parse().ok()?;
        let part: u128 = format!("{part:0<9}").parse().ok()?;
        whole.checked_mul(GWEI)?.checked_add(part).map(Self)
    }

    /// Returns the whole Ethers.
    #[must_use]
    pub const fn ether(self) -> u128 {
        self.0 / ETHER
    }

    /// Returns the Wei beside the whole Ethers.
    #[must_use]
    pub const fn rest(self) -> u128 {
        self.0 % ETHER
    }
}

/// Writes the amount as people read it: in Ether where that has few zeros, else in Gwei or Wei.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, size, digits) = match self.0 {
            0 => return f.write_str("0"),
            wei if wei >= ETHER / 10_000 => ("Ether", ETHER, 18),
            wei if wei >= GWEI / 1000 => ("Gwei", GWEI, 9),
            wei => return write!(f, "{wei} Wei"),
        };
        let (whole, part) = (self.0 / size, self.0 % size);
        let part = format!("{part:0digits$}");
        match part.trim_end_matches('0') {
            "" => write!(f, "{whole} {unit}"),
            part => write!(f, "{whole}.{part} {unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ethers_and_the_rest_are_those_of_the_table_of_platforms() {
        let balance = Amount(0x5_6bbe_38e1_496d_7d05);
        assert_eq!((balance.ether(), balance.rest()), (99, 997_425_716_431_781_125));
    }

    #[test]
    fn text_has_the_unit_that_fits() {
        let text = |wei| Amount(wei).to_string();
        assert_eq!(text(0), "0");
        assert_eq!(text(7), "7 Wei");
        assert_eq!(text(1_500_000_000), "1.5 Gwei");
        assert_eq!(text(2 * ETHER), "2 Ether");
        assert_eq!(text(ETHER / 1000 + 1), "0.001000000000000001 Ether");
    }

    #[test]
    fn gwei_are_read_with_their_digits_behind_the_point() {
        assert_eq!(Amount::from_gwei("50"), Some(Amount::gwei(50)));
        assert_eq!(Amount::from_gwei("0.05"), Some(Amount(50_000_000)));
        for wrong in ["", ".5", "-1", "1e3", "1.0000000001", "many"] {
            assert_eq!(Amount::from_gwei(wrong), None, "{wrong}");
        }
    }
}
