//! `X-Toggles` as the crate `sfv` reads it.

use core::fmt;

use sfv::BareItemFromInput;
use sfv::KeyRef;
use sfv::Parser;
use sfv::visitor::DictionaryVisitor;
use sfv::visitor::EntryVisitor;
use sfv::visitor::InnerListVisitor;
use sfv::visitor::ItemVisitor;
use sfv::visitor::Never;
use sfv::visitor::ParameterVisitor;

/// A value that a toggle can have.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    Flag(bool),
    Integer(i64),
    Text(String),
}

/// The members of a dictionary of bare booleans, integers and strings, at most 32 and none repeated.
pub fn read(bytes: &[u8]) -> Option<Vec<(String, Member)>> {
    let members = Parser::new(bytes)
        .parse_dictionary_with_visitor(Members::default())
        .ok()?;
    let is_repeated = |at: usize| members[..at].iter().any(|(name, _)| *name == members[at].0);
    let is_sound = members.len() <= 32 && !(0..members.len()).any(is_repeated);
    is_sound.then_some(members)
}

#[derive(Debug)]
struct NoToggle;

impl fmt::Display for NoToggle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no toggle is like this")
    }
}

impl std::error::Error for NoToggle {}

#[derive(Default)]
struct Members(Vec<(String, Member)>);

struct Entry<'m>(&'m mut Vec<(String, Member)>, String);

struct NoParameters;

impl<'de> DictionaryVisitor<'de> for Members {
    type Out = Vec<(String, Member)>;
    type Error = NoToggle;

    fn entry(&mut self, key: &'de KeyRef) -> Result<impl EntryVisitor<'de>, NoToggle> {
        Ok(Entry(&mut self.0, key.as_str().to_owned()))
    }

    fn finish(self) -> Result<Self::Out, NoToggle> {
        Ok(self.0)
    }
}

impl<'de> EntryVisitor<'de> for Entry<'_> {
    type Error = NoToggle;

    fn item(self) -> Result<impl ItemVisitor<'de>, NoToggle> {
        Ok(self)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'de>, NoToggle> {
        Err::<Never, _>(NoToggle)
    }
}

impl<'de> ItemVisitor<'de> for Entry<'_> {
    type Out = ();
    type Error = NoToggle;

    fn bare_item(
        self,
        item: BareItemFromInput<'de>,
    ) -> Result<impl ParameterVisitor<'de, Out = ()>, NoToggle> {
        let value = match item {
            BareItemFromInput::Boolean(flag) => Member::Flag(flag),
            BareItemFromInput::Integer(number) => Member::Integer(number.into()),
            BareItemFromInput::String(text) => Member::Text(text.as_str().to_owned()),
            _ => return Err(NoToggle),
        };
        self.0.push((self.1, value));
        Ok(NoParameters)
    }
}

impl<'de> ParameterVisitor<'de> for NoParameters {
    type Out = ();
    type Error = NoToggle;

    fn parameter(&mut self, _: &'de KeyRef, _: BareItemFromInput<'de>) -> Result<(), NoToggle> {
        Err(NoToggle)
    }

    fn finish(self) -> Result<(), NoToggle> {
        Ok(())
    }
}
