//! The types that a parameter can have: how each is read out of a pack, and within which bounds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    ids::RoleId,
    money::{Currency, Money, MoneyError, Rounding},
};

/// The most entries of one list or table.
const MOST: usize = 500;

/// Why a value cannot be a parameter's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The place within the value as a JSON pointer; empty for the whole.
    pub at: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl Wrong {
    fn new(message: impl Into<String>) -> Wrong {
        Wrong { at: String::new(), message: message.into() }
    }

    fn below(self, step: &str) -> Wrong {
        let step = step.replace('~', "~0").replace('/', "~1");
        Wrong { at: format!("/{step}{}", self.at), ..self }
    }
}

/// A type of parameters.
pub trait Cell: Sized {
    /// What bounds its values.
    type Bounds: Copy + Send + Sync;

    /// Reads a value.
    ///
    /// # Errors
    /// When it is of another type or out of bounds.
    fn read(raw: &Value, bounds: Self::Bounds) -> Result<Self, Wrong>;

    /// Its type and bounds, in words.
    fn describe(bounds: Self::Bounds) -> String;

    /// What it is where nothing is written.
    fn none(bounds: Self::Bounds) -> Self;
}

/// The smallest and the largest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within(pub u32, pub u32);

/// A whole number, with what it counts.
impl Cell for u32 {
    type Bounds = (Within, &'static str);

    fn read(raw: &Value, (Within(least, most), unit): Self::Bounds) -> Result<u32, Wrong> {
        let number = raw.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| (least..=most).contains(n));
        number.ok_or_else(|| Wrong::new(format!("is not a whole number of {unit} from {least} to {most}")))
    }

    fn describe((Within(least, most), unit): Self::Bounds) -> String {
        format!("{unit}, {least} to {most}")
    }

    fn none((Within(least, _), _): Self::Bounds) -> u32 {
        least
    }
}

impl Cell for bool {
    type Bounds = ();

    fn read(raw: &Value, (): ()) -> Result<bool, Wrong> {
        raw.as_bool().ok_or_else(|| Wrong::new("is neither `true` nor `false`"))
    }

    fn describe((): ()) -> String {
        "true or false".into()
    }

    fn none((): ()) -> bool {
        false
    }
}

/// A part of a whole, in hundredths of a percent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BasisPoints(pub u32);

impl BasisPoints {
    /// The whole.
    pub const WHOLE: BasisPoints = BasisPoints(10_000);

    /// This part of an amount, rounded once.
    ///
    /// # Errors
    /// When the result is too large.
    pub fn of(self, amount: Money, rounding: Rounding) -> Result<Money, MoneyError> {
        let part = amount.decimal().checked_mul(Decimal::new(i64::from(self.0), 4)).ok_or(MoneyError::Overflow)?;
        Money::rounded(part, amount.currency, rounding)
    }
}

impl std::fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} %", Decimal::new(i64::from(self.0), 2).normalize())
    }
}

/// Written as a number of percent: `50`, or `"12.5"` as text so that it stays exact.
impl Cell for BasisPoints {
    type Bounds = Within;

    fn read(raw: &Value, Within(least, most): Within) -> Result<BasisPoints, Wrong> {
        let text = match raw {
            Value::Number(number) if number.is_u64() => number.to_string(),
            Value::String(text) => text.clone(),
            _ => String::new(),
        };
        let points = Decimal::from_str_exact(&text)
            .ok()
            .and_then(|percent| percent.checked_mul(Decimal::ONE_HUNDRED))
            .filter(|points| points.fract().is_zero())
            .and_then(|points| points.to_u32());
        points.filter(|points| (least..=most).contains(points)).map(BasisPoints).ok_or_else(|| {
            let (least, most) = (BasisPoints(least), BasisPoints(most));
            Wrong::new(format!("is not a percentage from {least} to {most}; write `50`, or `\"12.5\"` in quotes"))
        })
    }

    fn describe(Within(least, most): Within) -> String {
        format!("percent, {} to {}", BasisPoints(least), BasisPoints(most))
    }

    fn none(Within(least, _): Within) -> BasisPoints {
        BasisPoints(least)
    }
}

/// One amount per currency; what is in no currency of it is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts(BTreeMap<Currency, Money>);

impl Amounts {
    /// The amount in a currency.
    pub fn in_currency(&self, currency: Currency) -> Option<Money> {
        self.0.get(&currency).copied()
    }
}

impl Cell for Amounts {
    type Bounds = ();

    fn read(raw: &Value, (): ()) -> Result<Amounts, Wrong> {
        let mut amounts = BTreeMap::new();
        for (code, amount) in entries(raw, "an amount per currency, such as `{ USD: \"1000.00\" }`")? {
            let wrong = |message: String| Wrong::new(message).below(code);
            let currency: Currency = code.parse().map_err(|error: MoneyError| wrong(error.to_string()))?;
            let text = match amount {
                Value::String(text) => text.clone(),
                Value::Number(number) if number.is_u64() => number.to_string(),
                _ => return Err(wrong("is not an amount; write it in quotes, such as `\"1250.00\"`".into())),
            };
            let money = Money::parse(&text, currency).map_err(|error| wrong(error.to_string()))?;
            if money.minor < 0 {
                return Err(wrong(format!("{money} is negative; write zero or more")));
            }
            amounts.insert(currency, money);
        }
        Ok(Amounts(amounts))
    }

    fn describe((): ()) -> String {
        "an amount per currency, from 0".into()
    }

    fn none((): ()) -> Amounts {
        Amounts::default()
    }
}

/// Words, such as kinds of activities.
pub type Words = BTreeSet<String>;

impl Cell for Words {
    type Bounds = ();

    fn read(raw: &Value, (): ()) -> Result<Words, Wrong> {
        let words = raw.as_array().ok_or_else(|| Wrong::new("is not a list of words, such as `[webinar, event]`"))?;
        if words.len() > MOST {
            return Err(Wrong::new(format!("has {} entries; at most {MOST} are read", words.len())));
        }
        let read = |(at, word): (usize, &Value)| word_of(word).map_err(|wrong| wrong.below(&at.to_string()));
        words.iter().enumerate().map(read).collect()
    }

    fn describe((): ()) -> String {
        "a list of words".into()
    }

    fn none((): ()) -> Words {
        Words::new()
    }
}

/// Whole numbers, such as days.
impl Cell for BTreeSet<u32> {
    type Bounds = (Within, &'static str);

    fn read(raw: &Value, bounds: Self::Bounds) -> Result<Self, Wrong> {
        let numbers = raw.as_array().ok_or_else(|| Wrong::new("is not a list of numbers, such as `[30, 14]`"))?;
        if numbers.len() > MOST {
            return Err(Wrong::new(format!("has {} entries; at most {MOST} are read", numbers.len())));
        }
        let read = |(at, raw): (usize, &Value)| u32::read(raw, bounds).map_err(|wrong| wrong.below(&at.to_string()));
        numbers.iter().enumerate().map(read).collect()
    }

    fn describe(bounds: Self::Bounds) -> String {
        format!("a list of {}", u32::describe(bounds))
    }

    fn none(_: Self::Bounds) -> Self {
        BTreeSet::new()
    }
}

/// A table: a word, and a value for it.
impl<T: Cell> Cell for BTreeMap<String, T> {
    type Bounds = T::Bounds;

    fn read(raw: &Value, bounds: T::Bounds) -> Result<Self, Wrong> {
        let mut table = BTreeMap::new();
        for (key, value) in entries(raw, "a table with one entry per word")? {
            let key = word_of(&Value::String(key.clone())).map_err(|wrong| wrong.below(key))?;
            let value = T::read(value, bounds).map_err(|wrong| wrong.below(&key))?;
            table.insert(key, value);
        }
        Ok(table)
    }

    fn describe(bounds: T::Bounds) -> String {
        format!("for each word: {}", T::describe(bounds))
    }

    fn none(_: T::Bounds) -> Self {
        BTreeMap::new()
    }
}

/// The days on which something is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First day; from ever where absent.
    pub from: Option<Date>,
    /// Last day; for ever where absent.
    pub until: Option<Date>,
}

impl Window {
    /// Whether a day lies in it.
    pub fn holds(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

impl Cell for Window {
    type Bounds = ();

    fn read(raw: &Value, (): ()) -> Result<Window, Wrong> {
        let mut window = Window { from: None, until: None };
        for (key, day) in entries(raw, "a time such as `{ from: 2027-01-01, until: 2027-12-31 }`")? {
            let wrong = |message: &str| Wrong::new(message).below(key);
            let day = day.as_str().and_then(|text| text.parse::<Date>().ok());
            let day = day.ok_or_else(|| wrong("is not a date; write year, month and day such as `2027-02-01`"))?;
            match key.as_str() {
                "from" => window.from = Some(day),
                "until" => window.until = Some(day),
                _ => return Err(wrong("is neither `from` nor `until`")),
            }
        }
        match (window.from, window.until) {
            (Some(from), Some(until)) if until < from => Err(Wrong::new("ends before it begins; exchange the dates")),
            _ => Ok(window),
        }
    }

    fn describe((): ()) -> String {
        "`from` and `until`, both optional".into()
    }

    fn none((): ()) -> Window {
        Window { from: None, until: None }
    }
}

/// A role.
impl Cell for Option<RoleId> {
    type Bounds = ();

    fn read(raw: &Value, (): ()) -> Result<Self, Wrong> {
        let role = raw.as_str().unwrap_or_default().parse::<RoleId>();
        role.map(Some).map_err(|error| Wrong::new(error.to_string()))
    }

    fn describe((): ()) -> String {
        "a role".into()
    }

    fn none((): ()) -> Self {
        None
    }
}

/// One step of a route of approvals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who approves.
    pub role: RoleId,
    /// Only for amounts above these.
    pub above: Amounts,
    /// Only for these kinds of funds; for all where empty.
    pub funds: Words,
}

impl Cell for Vec<Step> {
    type Bounds = ();

    fn read(raw: &Value, (): ()) -> Result<Self, Wrong> {
        let steps = raw.as_array().ok_or_else(|| Wrong::new("is not a list of steps such as `- role: finance`"))?;
        if steps.len() > MOST {
            return Err(Wrong::new(format!("has {} entries; at most {MOST} are read", steps.len())));
        }
        let read = |(at, raw): (usize, &Value)| step(raw).map_err(|wrong| wrong.below(&at.to_string()));
        steps.iter().enumerate().map(read).collect()
    }

    fn describe((): ()) -> String {
        "a list of steps, each a `role` and optionally `above` and `funds`".into()
    }

    fn none((): ()) -> Self {
        Vec::new()
    }
}

fn step(raw: &Value) -> Result<Step, Wrong> {
    let (mut role, mut above, mut funds) = (None, Amounts::default(), Words::new());
    for (key, value) in entries(raw, "a step such as `{ role: finance }`")? {
        let below = |wrong: Wrong| wrong.below(key);
        match key.as_str() {
            "role" => role = Option::<RoleId>::read(value, ()).map_err(below)?,
            "above" => above = Amounts::read(value, ()).map_err(below)?,
            "funds" => funds = Words::read(value, ()).map_err(below)?,
            _ => return Err(below(Wrong::new("is none of `role`, `above` and `funds`"))),
        }
    }
    let role = role.ok_or_else(|| Wrong::new("names no `role`; say who approves"))?;
    Ok(Step { role, above, funds })
}

/// A choice among a few words.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $first:ident = $first_word:literal: $first_about:literal $(, $other:ident = $word:literal: $about:literal)* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $name {
                #[doc = $first_about]
                $first,
                $(#[doc = $about] $other,)*
            }

            impl $crate::mdf::cell::Cell for $name {
                type Bounds = ();

                fn read(raw: &serde_json::Value, (): ()) -> Result<Self, $crate::mdf::cell::Wrong> {
                    match raw.as_str() {
                        Some($first_word) => Ok($name::$first),
                        $(Some($word) => Ok($name::$other),)*
                        _ => Err($crate::mdf::cell::Wrong {
                            at: String::new(),
                            message: format!("is none of {}", Self::describe(())),
                        }),
                    }
                }

                fn describe((): ()) -> String {
                    [concat!("`", $first_word, "`") $(, concat!("`", $word, "`"))*].join(", ")
                }

                fn none((): ()) -> Self {
                    $name::$first
                }
            }
        )*
    };
}
pub(crate) use choices;

fn entries<'a>(raw: &'a Value, example: &str) -> Result<Vec<(&'a String, &'a Value)>, Wrong> {
    let fields = raw.as_object().ok_or_else(|| Wrong::new(format!("is not {example}")))?;
    if fields.len() > MOST {
        return Err(Wrong::new(format!("has {} entries; at most {MOST} are read", fields.len())));
    }
    Ok(fields.iter().collect())
}

fn word_of(raw: &Value) -> Result<String, Wrong> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:+ ".contains(c);
    let word = raw.as_str().filter(|word| (1..=64).contains(&word.len()) && word.chars().all(plain));
    word.map(str::to_owned).ok_or_else(|| {
        Wrong::new(
            "is not a word: use 1 to 64 letters, digits, spaces and `_ - . : +`, in quotes where YAML needs them",
        )
    })
}
