//! Parts of the built-in rules that most scans never look at.

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

/// A value that is read from the bytes it was built in as when it is first asked
/// for; or one that was read from a file, and is there.
#[derive(Clone)]
pub struct Lazy<T> {
    packed: &'static [u8],
    value: OnceLock<T>,
}

impl<T> From<T> for Lazy<T> {
    fn from(value: T) -> Self {
        Self {
            packed: &[],
            value: value.into(),
        }
    }
}

impl<T: Default> Default for Lazy<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<T: Deserialize<'static>> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.get_or_init(|| unpacked(self.packed))
    }
}

impl<T: Deserialize<'static>> DerefMut for Lazy<T> {
    fn deref_mut(&mut self) -> &mut T {
        if self.value.get().is_none() {
            *self = Self::from(unpacked::<T>(self.packed));
        }
        match self.value.get_mut() {
            Some(value) => value,
            None => unreachable!("it has just been put there"),
        }
    }
}

impl<T: Deserialize<'static> + fmt::Debug> fmt::Debug for Lazy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Deserialize<'static> + Serialize> Serialize for Lazy<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let packed = postcard::to_stdvec(&**self).map_err(ser::Error::custom)?;
        serializer.serialize_bytes(&packed)
    }
}

impl<'de: 'static, T> Deserialize<'de> for Lazy<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            packed: <&[u8]>::deserialize(deserializer)?,
            value: OnceLock::new(),
        })
    }
}

/// # Panics
/// Never: the build script wrote the bytes with this very type.
pub(crate) fn unpacked<T: Deserialize<'static>>(packed: &'static [u8]) -> T {
    match postcard::from_bytes(packed) {
        Ok(value) => value,
        Err(error) => unreachable!("built-in rules do not load: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed() -> Lazy<Vec<String>> {
        let all: Lazy<Vec<String>> = vec!["a".to_owned(), "b".to_owned()].into();
        let bytes: &'static [u8] = postcard::to_stdvec(&all).unwrap().leak();
        unpacked(bytes)
    }

    #[test]
    fn what_was_packed_is_read_when_asked_for() {
        let lazy = packed();
        assert!(lazy.value.get().is_none());
        assert_eq!(*lazy, ["a", "b"]);
        assert!(lazy.value.get().is_some());
    }

    #[test]
    fn what_was_packed_can_be_changed() {
        let mut lazy = packed();
        lazy.push("c".to_owned());
        assert_eq!(*lazy, ["a", "b", "c"]);
    }
}
