//! Which characters are written as they are in an id's text: those printable in Unicode 14 (reference/ledger 2.5).
//!
//! Every node has to agree, so characters that later versions of Unicode assigned count as not printable.

use unicode_general_category::{GeneralCategory, get_general_category};

/// Tells whether a character is printable in Unicode 14.
pub(super) fn is_printable(character: char) -> bool {
    match character {
        ' '..='~' => true,
        '\0'..='\u{a0}' => false,
        _ => is_assigned_kind(character) && !is_newer(character),
    }
}

fn is_assigned_kind(character: char) -> bool {
    !matches!(
        get_general_category(character),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::SpaceSeparator
    )
}

fn is_newer(character: char) -> bool {
    let code = u32::from(character);
    let at = NEWER.partition_point(|(_, last)| *last < code);
    NEWER.get(at).is_some_and(|(first, _)| *first <= code)
}

/// First and last code points that are printable in Unicode 16 and not assigned in Unicode 14.
#[rustfmt::skip]
const NEWER: &[(u32, u32)] = &[
    (0x897, 0x897),
    (0xCF3, 0xCF3),
    (0xECE, 0xECE),
    (0x1B4E, 0x1B4F),
    (0x1B7F, 0x1B7F),
    (0x1C89, 0x1C8A),
    (0x2427, 0x2429),
    (0x2FFC, 0x2FFF),
    (0x31E4, 0x31E5),
    (0x31EF, 0x31EF),
    (0xA7CB, 0xA7CD),
    (0xA7DA, 0xA7DC),
    (0x1_05C0, 0x1_05F3),
    (0x1_0D40, 0x1_0D65),
    (0x1_0D69, 0x1_0D85),
    (0x1_0D8E, 0x1_0D8F),
    (0x1_0EC2, 0x1_0EC4),
    (0x1_0EFC, 0x1_0EFF),
    (0x1_123F, 0x1_1241),
    (0x1_1380, 0x1_1389),
    (0x1_138B, 0x1_138B),
    (0x1_138E, 0x1_138E),
    (0x1_1390, 0x1_13B5),
    (0x1_13B7, 0x1_13C0),
    (0x1_13C2, 0x1_13C2),
    (0x1_13C5, 0x1_13C5),
    (0x1_13C7, 0x1_13CA),
    (0x1_13CC, 0x1_13D5),
    (0x1_13D7, 0x1_13D8),
    (0x1_13E1, 0x1_13E2),
    (0x1_16D0, 0x1_16E3),
    (0x1_1B00, 0x1_1B09),
    (0x1_1BC0, 0x1_1BE1),
    (0x1_1BF0, 0x1_1BF9),
    (0x1_1F00, 0x1_1F10),
    (0x1_1F12, 0x1_1F3A),
    (0x1_1F3E, 0x1_1F5A),
    (0x1_342F, 0x1_342F),
    (0x1_3440, 0x1_3455),
    (0x1_3460, 0x1_43FA),
    (0x1_6100, 0x1_6139),
    (0x1_6D40, 0x1_6D79),
    (0x1_8CFF, 0x1_8CFF),
    (0x1_B132, 0x1_B132),
    (0x1_B155, 0x1_B155),
    (0x1_CC00, 0x1_CCF9),
    (0x1_CD00, 0x1_CEB3),
    (0x1_D2C0, 0x1_D2D3),
    (0x1_DF25, 0x1_DF2A),
    (0x1_E030, 0x1_E06D),
    (0x1_E08F, 0x1_E08F),
    (0x1_E4D0, 0x1_E4F9),
    (0x1_E5D0, 0x1_E5FA),
    (0x1_E5FF, 0x1_E5FF),
    (0x1_F6DC, 0x1_F6DC),
    (0x1_F774, 0x1_F776),
    (0x1_F77B, 0x1_F77F),
    (0x1_F7D9, 0x1_F7D9),
    (0x1_F8B2, 0x1_F8BB),
    (0x1_F8C0, 0x1_F8C1),
    (0x1_FA75, 0x1_FA77),
    (0x1_FA87, 0x1_FA89),
    (0x1_FA8F, 0x1_FA8F),
    (0x1_FAAD, 0x1_FAAF),
    (0x1_FABB, 0x1_FABF),
    (0x1_FAC6, 0x1_FAC6),
    (0x1_FACE, 0x1_FACF),
    (0x1_FADA, 0x1_FADC),
    (0x1_FADF, 0x1_FADF),
    (0x1_FAE8, 0x1_FAE9),
    (0x1_FAF7, 0x1_FAF8),
    (0x1_FBCB, 0x1_FBEF),
    (0x2_B739, 0x2_B739),
    (0x2_EBF0, 0x2_EE5D),
    (0x3_1350, 0x3_23AF),
];

#[cfg(test)]
mod tests {
    use super::is_printable;

    #[test]
    fn counts_as_unicode_14_does() {
        let printable = |code: u32| char::from_u32(code).is_some_and(is_printable);
        for code in [0x20, 0x7E, 0xA1, 0xE3, 0x6771, 0x1_F600, 0x1_FAE7] {
            assert!(printable(code), "{code:x}");
        }
        for code in [0x1F, 0x7F, 0x80, 0xA0, 0xAD, 0x200B, 0x2028, 0xE000, 0x378, 0x1_FAE8, 0x3_1350, 0x10_FFFF] {
            assert!(!printable(code), "{code:x}");
        }
    }

    #[test]
    fn all_printable_characters_are_counted() {
        assert_eq!((0..=0x10_FFFF).filter_map(char::from_u32).filter(|c| is_printable(*c)).count(), COUNT);
    }

    /// Printable code points of Unicode 14.
    const COUNT: usize = 144_516;
}
