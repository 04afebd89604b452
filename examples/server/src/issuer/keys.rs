//! The keys that sign: those of files, or one that is thrown away with the process.

use std::path::{Path, PathBuf};

use claimsc::Value;
use claimsc::mint::{KeyRing, PublicKey, SigningKey};
use claimsc::value::JsonLimits;

use super::{Members, files, json};

/// Where the keys come from.
#[derive(Debug)]
pub enum Keys {
    /// A key without a file, for development. It is read again at each load.
    Throwaway {
        /// Its private JWK.
        jwk: PrivateText,
    },
    /// A file that names the others, so that one change of it, as by renaming a new one into its place, is one step of a
    /// rotation: `{"active": "2026-11.jwk", "published": ["2026-12.jwk"], "retired": ["2026-10.public.jwk"]}`.
    Files {
        /// The file. Names in it start at its folder.
        list: PathBuf,
    },
}

/// A text that `Debug` does not show.
pub struct PrivateText(String);

impl std::fmt::Debug for PrivateText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateText")
    }
}

impl Keys {
    /// A new key for development.
    ///
    /// # Errors
    /// A failing generator.
    pub fn throwaway() -> Result<Self, String> {
        let key = SigningKey::generate(claimsc::mint::Algorithm::Es256).map_err(|error| error.to_string())?;
        let jwk = key.to_private_jwk().map_err(|error| error.to_string())?;
        Ok(Keys::Throwaway { jwk: PrivateText(jwk.to_string()) })
    }

    pub(super) fn files(&self) -> Result<Vec<PathBuf>, String> {
        match self {
            Keys::Throwaway { .. } => Ok(Vec::new()),
            Keys::Files { list } => {
                let mut paths = vec![list.clone()];
                let KeyList { active, published, retired } = KeyList::read(list)?;
                paths.extend([active].into_iter().chain(published).chain(retired));
                Ok(paths)
            }
        }
    }

    pub(super) fn ring(&self) -> Result<KeyRing, String> {
        let list = match self {
            Keys::Throwaway { jwk } => {
                let key = SigningKey::read(jwk.0.as_bytes(), None).map_err(|error| error.to_string())?;
                return Ok(KeyRing::new(key));
            }
            Keys::Files { list } => KeyList::read(list)?,
        };
        let mut ring = KeyRing::new(private(&list.active)?);
        for path in &list.published {
            ring.publish(private(path)?).map_err(|error| unusable(path, &error))?;
        }
        for path in &list.retired {
            ring.publish_retired(public(path)?).map_err(|error| unusable(path, &error))?;
        }
        Ok(ring)
    }
}

struct KeyList {
    active: PathBuf,
    published: Vec<PathBuf>,
    retired: Vec<PathBuf>,
}

impl KeyList {
    fn read(path: &Path) -> Result<Self, String> {
        let value = json(path)?;
        let here = |problem: String| format!("{}: {problem}", path.display());
        let members = Members::new(&value, &["active", "published", "retired"]).map_err(here)?;
        let file = |name: &str| path.with_file_name(name);
        let files =
            |name: &str| members.texts(name).map(|names| names.into_iter().map(file).collect()).map_err(here);
        Ok(KeyList {
            active: file(members.text("active").map_err(here)?),
            published: files("published")?,
            retired: files("retired")?,
        })
    }
}

fn private(path: &Path) -> Result<SigningKey, String> {
    SigningKey::read(files::text(path)?.as_bytes(), None).map_err(|error| unusable(path, &error))
}

fn public(path: &Path) -> Result<PublicKey, String> {
    let text = files::text(path)?;
    match Value::parse_json(text.as_bytes(), JsonLimits::default()) {
        Ok(jwk) => PublicKey::from_jwk(&jwk).map_err(|error| unusable(path, &error)),
        Err(_) => private(path).map(|key| key.public().clone()),
    }
}

fn unusable(path: &Path, error: &claimsc::mint::SetupError) -> String {
    format!("{}: {error}", path.display())
}
