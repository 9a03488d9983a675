//! Days, in the form that whoever brings the file has declared.

use jiff::civil::Date;

use crate::cell::Cell;

/// In which order a day's parts stand in a text. Between them are points, dashes, slashes or spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateForm {
    /// `2027-03-31`
    YearMonthDay,
    /// `31.03.2027`
    DayMonthYear,
    /// `03/31/2027`
    MonthDayYear,
}

/// Why a cell is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateFault {
    /// Nothing stands there.
    #[error("is empty; write a day")]
    Empty,
    /// It does not read as one.
    #[error("is no day as `dates` declares them; write the year with four digits")]
    NotADay,
}

/// The day in a cell. A cell that the file itself marks as a day needs no form.
///
/// # Errors
/// When the cell holds no day.
pub fn date(cell: &Cell, form: DateForm) -> Result<Date, DateFault> {
    let text = match cell {
        Cell::Empty => return Err(DateFault::Empty),
        Cell::Date(at) => return Ok(at.date()),
        Cell::Text(text) => text,
        Cell::Number(_) | Cell::Truth(_) | Cell::Broken(_) => return Err(DateFault::NotADay),
    };
    let parts: Vec<&str> = text.split(['.', '-', '/', ' ']).collect();
    let [first, second, third] = parts.as_slice() else { return Err(DateFault::NotADay) };
    let (year, month, day) = match form {
        DateForm::YearMonthDay => (first, second, third),
        DateForm::DayMonthYear => (third, second, first),
        DateForm::MonthDayYear => (third, first, second),
    };
    let digits = |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return Err(DateFault::NotADay);
    }
    let number = |text: &str| text.parse::<i16>().ok();
    let small = |text: &str| text.parse::<i8>().ok();
    let day = number(year).zip(small(month)).zip(small(day));
    day.and_then(|((year, month), day)| Date::new(year, month, day).ok()).ok_or(DateFault::NotADay)
}

#[cfg(test)]
mod tests {
    use jiff::civil;

    use super::*;

    #[test]
    fn a_day_is_read_in_the_form_that_was_declared() {
        let text = |text: &str| Cell::Text(text.into());
        let day = Ok(civil::date(2027, 3, 4));
        assert_eq!(date(&text("2027-03-04"), DateForm::YearMonthDay), day);
        assert_eq!(date(&text("4.3.2027"), DateForm::DayMonthYear), day);
        assert_eq!(date(&text("03/04/2027"), DateForm::MonthDayYear), day);
        assert_eq!(date(&Cell::Date(civil::datetime(2027, 3, 4, 9, 0, 0, 0)), DateForm::DayMonthYear), day);
        for wrong in ["31/12/2027", "2027-03-04", "3/4/27", "", "soon", "13/01/2027x", "02/30/2027"] {
            assert_eq!(date(&text(wrong), DateForm::MonthDayYear), Err(DateFault::NotADay), "{wrong}");
        }
        assert_eq!(date(&Cell::Number("46450".into()), DateForm::YearMonthDay), Err(DateFault::NotADay));
    }
}
