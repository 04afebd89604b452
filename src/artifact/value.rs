//! Values and numbers. Numbers keep their digits.

use std::sync::Arc;

use super::Fault;
use super::checker::Checker;
use super::reader::Reader;
use super::wire::Wire;
#[cfg(feature = "compiler")]
use super::writer::Writer;
use crate::value::{Number, Object, Value};

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const DIGITS: u8 = 4;
const STRING: u8 = 5;
const LIST: u8 = 6;
const OBJECT: u8 = 7;

/// A byte for the kind, then what it holds.
impl Wire for Value {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        match self {
            Value::Null => to.out.push(NULL),
            Value::Bool(value) => to.out.push(if *value { TRUE } else { FALSE }),
            Value::Number(number) => {
                let digits = number.to_string();
                if let Some(int) = number.as_int().filter(|int| int.to_string() == digits) {
                    to.out.push(INT);
                    int.write(to);
                } else {
                    to.out.push(DIGITS);
                    Arc::<str>::from(digits).write(to);
                }
            }
            Value::String(text) => {
                to.out.push(STRING);
                text.write(to);
            }
            Value::List(items) => {
                to.out.push(LIST);
                items.write(to);
            }
            Value::Object(members) => {
                to.out.push(OBJECT);
                members.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(match from.byte()? {
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INT => Value::int(Wire::read(from)?),
            DIGITS => Value::Number(Number::parse(&Arc::<str>::read(from)?)?),
            STRING => Value::String(Wire::read(from)?),
            LIST => Value::List(Wire::read(from)?),
            OBJECT => Value::Object(Wire::read(from)?),
            _ => return None,
        })
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        match of.byte()? {
            NULL | FALSE | TRUE => Ok(()),
            INT => i64::check(of),
            DIGITS => {
                let id = of.below(of.pool.strings.len(), Fault::String)?;
                let text = of.pool.strings.get(id);
                let number = text.and_then(|text| Number::parse(text));
                number.map(drop).ok_or(Fault::Digits)
            }
            STRING => Arc::<str>::check(of),
            LIST => of.part(Vec::<Value>::check),
            OBJECT => of.part(Object::check),
            _ => Err(Fault::Value),
        }
    }
}
