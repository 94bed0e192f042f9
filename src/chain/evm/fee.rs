//! What a transaction offers for its gas.

use crate::node::platforms::{Amount, PlatformError};

/// The offer for one unit of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fee {
    /// EIP-1559: the base fee of the block is paid and this beside it, together no more than the most.
    Market {
        /// The most for both.
        most: Amount,
        /// What is paid beside the base fee.
        priority: Amount,
    },
    /// The one price of chains without a base fee.
    Fixed(Amount),
}

impl Fee {
    /// Chooses the offer: twice the base fee, so that it holds for the blocks to come, but no more than the cap.
    ///
    /// # Errors
    /// [`PlatformError::FeeAboveCap`] when the chain asks for more than the cap now.
    pub fn choose(
        base_fee: Option<Amount>,
        priority: Option<Amount>,
        gas_price: Amount,
        cap: Option<Amount>,
    ) -> Result<Self, PlatformError> {
        let cap = cap.unwrap_or(Amount(u128::MAX));
        let check =
            |asked: Amount| if asked > cap { Err(PlatformError::FeeAboveCap { asked, cap }) } else { Ok(asked) };
        let Some(base) = base_fee else {
            return check(gas_price).map(Self::Fixed);
        };
        // Providers that do not know what is paid beside the base fee tell the sum of both.
        let priority = priority.unwrap_or(Amount(gas_price.0.saturating_sub(base.0)));
        check(Amount(base.0.saturating_add(priority.0)))?;
        let most = Amount(base.0.saturating_mul(2).saturating_add(priority.0).min(cap.0));
        Ok(Self::Market { most, priority })
    }

    /// Returns the offer, or one that is an eighth above an earlier one, whichever is more.
    ///
    /// # Errors
    /// [`PlatformError::FeeAboveCap`].
    pub fn above(self, earlier: Self, cap: Option<Amount>) -> Result<Self, PlatformError> {
        let raised = |amount: Amount| amount.0.saturating_add(amount.0 / 8).saturating_add(1);
        let higher = |now: Amount, earlier: Amount| Amount(now.0.max(raised(earlier)));
        let fee = match self {
            Self::Market { most, priority } => {
                Self::Market { most: higher(most, earlier.most()), priority: higher(priority, earlier.priority()) }
            }
            Self::Fixed(price) => Self::Fixed(higher(price, earlier.most())),
        };
        match cap.filter(|cap| fee.most() > *cap) {
            Some(cap) => Err(PlatformError::FeeAboveCap { asked: fee.most(), cap }),
            None => Ok(fee),
        }
    }

    /// Returns what is paid beside the base fee.
    const fn priority(self) -> Amount {
        match self {
            Self::Market { priority, .. } => priority,
            Self::Fixed(_) => Amount(0),
        }
    }

    /// Returns what one unit of gas may cost.
    pub const fn most(self) -> Amount {
        match self {
            Self::Market { most, .. } | Self::Fixed(most) => most,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GWEI: fn(u64) -> Amount = Amount::gwei;

    #[test]
    fn offer_is_twice_the_base_fee_and_what_is_beside() {
        let fee = Fee::choose(Some(GWEI(10)), Some(GWEI(1)), GWEI(11), None);
        assert_eq!(fee, Ok(Fee::Market { most: GWEI(21), priority: GWEI(1) }));
    }

    #[test]
    fn cap_limits_the_offer_and_refuses_what_the_chain_asks_above_it() {
        let fee = |cap| Fee::choose(Some(GWEI(10)), Some(GWEI(1)), GWEI(11), Some(GWEI(cap)));
        assert_eq!(fee(15), Ok(Fee::Market { most: GWEI(15), priority: GWEI(1) }));
        assert_eq!(fee(10), Err(PlatformError::FeeAboveCap { asked: GWEI(11), cap: GWEI(10) }));
    }

    #[test]
    fn chain_without_base_fee_has_one_price() {
        assert_eq!(Fee::choose(None, None, GWEI(20), None), Ok(Fee::Fixed(GWEI(20))));
        assert!(Fee::choose(None, None, GWEI(20), Some(GWEI(19))).is_err());
    }

    #[test]
    fn replacement_offers_an_eighth_more_within_the_cap() {
        let (now, earlier) = (Fee::Fixed(GWEI(8)), Fee::Fixed(GWEI(8)));
        assert_eq!(now.above(earlier, None), Ok(Fee::Fixed(Amount(9_000_000_001))));
        assert_eq!(Fee::Fixed(GWEI(20)).above(earlier, None), Ok(Fee::Fixed(GWEI(20))));
        assert!(now.above(earlier, Some(GWEI(9))).is_err());
        let market = |most, priority| Fee::Market { most: Amount(most), priority: Amount(priority) };
        assert_eq!(market(10, 90).above(market(80, 8), None), Ok(market(91, 90)));
    }

    #[test]
    fn unknown_priority_is_the_rest_of_the_price() {
        let fee = Fee::choose(Some(GWEI(10)), None, GWEI(12), None);
        assert_eq!(fee, Ok(Fee::Market { most: GWEI(22), priority: GWEI(2) }));
    }
}
