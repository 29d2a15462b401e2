//! `media.download`.

use std::path::Path;

use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Get, check_id, file};
use crate::client::download::{Failed, Partial, Target, Wanted, longer};
use crate::client::send::{self, How};
use crate::client::{Client, Context, Operation, Request};
use crate::error::Result;
use crate::message::violation::{Checker, Rule};
use crate::message::{Invalid, limits};
use crate::outcome::Effect;

/// Fetches a file that Meta has, to a path or into memory: an upload, or what a customer sent.
///
/// It asks for the address (which works for 5 minutes) and fetches from it; where that has ended meanwhile, it asks once more.
/// The token goes to Meta's media host and to the API only, redirects are not followed, and what came must have the length
/// and the hash that Meta told. A file is written beside its path and renamed when it is complete, in place of one that is
/// there.
///
/// Source: Meta's page "Media", download.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// wa.download_media("1037543291543636", "photo.jpg").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Download {
    /// The id: of an upload, or from the webhook of a message. All digits.
    pub media_id: String,
    /// The path of the file to write. The bytes come back as `data` unless given. Never take it from a message: the name of a
    /// customer's file can be any path.
    #[serde(default, deserialize_with = "path")]
    #[cfg_attr(feature = "manifest", schemars(with = "Option<file::FilePath>"))]
    pub path: Option<String>,
    /// The longest file that is taken, in bytes. 104,857,600 (100 MB) unless given, which is the most that WhatsApp carries.
    pub max_bytes: Option<u64>,
}

/// A file that was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct DownloadedMedia {
    /// Its id.
    pub id: String,
    /// Its MIME type, as Meta tells it. It comes from whoever sent the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The hash (SHA-256) of what came, in hexadecimal digits.
    pub sha256: String,
    /// Its length in bytes.
    pub file_size: u64,
    /// The file that was written, where a path was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The bytes, where no path was given.
    // They cross beside the JSON, not in it.
    #[serde(default, skip_serializing, deserialize_with = "nothing")]
    #[cfg_attr(feature = "manifest", schemars(with = "Option<String>", extend("format" = "binary")))]
    pub data: Option<Bytes>,
}

/// A path as languages have it: text, an address of this machine (`file://`), or what stands for a path of Python's.
fn path<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<String>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    value.map(|value| file::path_of(&value).map_err(D::Error::custom)).transpose()
}

/// What stands in JSON is not it.
fn nothing<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Bytes>, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| None)
}

builder!(Download { media_id: String; path: String, max_bytes: u64 });

impl Client {
    /// [`Download`] to a path.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn download_media(
        &self,
        media_id: impl Into<String>,
        path: impl Into<String>,
    ) -> Result<DownloadedMedia> {
        self.call(Download::new(media_id).path(path)).await
    }

    /// [`Download`] into memory.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn media_bytes(&self, media_id: impl Into<String>) -> Result<Bytes> {
        Ok(self.call(Download::new(media_id)).await?.data.unwrap_or_default())
    }
}

impl Download {
    fn check(&self) -> std::result::Result<(), Invalid> {
        let mut checker = Checker::default();
        check_id(&self.media_id, &mut checker);
        if self.path.as_ref().is_some_and(String::is_empty) {
            checker.refuse_at("path", Rule::Required, "must not be empty");
        }
        if self.max_bytes == Some(0) {
            checker.refuse_at("max_bytes", Rule::Length, "must be at least 1");
        }
        checker.into_result()
    }

    fn target(&self) -> std::result::Result<Target, Invalid> {
        self.check()?;
        Ok(match &self.path {
            Some(path) => Target::File(Partial::create(Path::new(path))?),
            None => Target::Memory,
        })
    }
}

impl Operation for Download {
    const NAME: &'static str = "media.download";
    const EFFECT: Effect = Effect::Read;
    const EXAMPLE: &'static str = r#"{"media_id": "1037543291543636", "path": "photo.jpg"}"#;
    type Output = DownloadedMedia;

    /// The first of its requests.
    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        self.check()?;
        Get::new(self.media_id).request(cx)
    }

    async fn perform(self, client: &Client, how: How) -> Result<DownloadedMedia> {
        let mut target = self.target().map_err(|invalid| client.refused(Self::NAME, Self::EFFECT, invalid))?;
        let max_bytes = self.max_bytes.unwrap_or(limits::UPLOAD_BYTES);
        let mut is_second = false;
        loop {
            let info = send::run(client, Get::new(self.media_id.clone()), how.clone()).await?;
            if let Some(size) = info.file_size.filter(|size| *size > max_bytes) {
                let message = format!("allows {max_bytes} bytes, and the file has {size}");
                return Err(longer(message));
            }
            let sha256 = info.sha256.as_deref().unwrap_or_default();
            let wanted = Wanted { url: &info.url, sha256, max_bytes };
            let downloaded = match client.fetch(&wanted, &mut target, &how).await {
                Ok(downloaded) => downloaded,
                Err(Failed::Gone(_)) if !is_second => {
                    is_second = true;
                    continue;
                }
                Err(Failed::Gone(error) | Failed::Again(error) | Failed::Finally(error)) => return Err(error),
            };
            return Ok(DownloadedMedia {
                id: info.id,
                mime_type: info.mime_type,
                sha256: downloaded.sha256,
                file_size: downloaded.length_bytes,
                path: self.path,
                data: downloaded.data,
            });
        }
    }

    fn take_bytes(output: &mut DownloadedMedia) -> Option<Bytes> {
        output.data.take()
    }
}
