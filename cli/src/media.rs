//! `wacloud media`: files that Meta keeps.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;
use wacloud::operation::media;
use wacloud::{CallOptions, Client, UploadProgress};

use crate::exit::{self, Failure};
use crate::settings::{ClientArguments, Seconds};

/// Upload, look up, fetch and delete files
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wacloud media upload invoice.pdf\n  wacloud media get 1037543291543636\n  \
    wacloud media download 1037543291543636 photo.jpg\n  wacloud media delete 1037543291543636\n  \
    wacloud media upload-handle photo.png\n\n\
    To send a file there is no need to upload it first: wacloud send document --to +15550001234 --file invoice.pdf")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Upload a file and print its id, which lives for 30 days
    Upload {
        /// The file: its type and size are checked before a byte leaves
        file: PathBuf,
        /// The name that it goes under: the file's own unless given
        #[arg(long, value_name = "NAME")]
        filename: Option<String>,
        /// Its MIME type, where content and name do not tell it
        #[arg(long, value_name = "TYPE")]
        mime_type: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Upload a file and print its handle, for the header of a template or the picture of the profile
    UploadHandle {
        /// The file: PDF, JPEG, PNG or MP4
        file: PathBuf,
        /// The name that it goes under: the file's own unless given
        #[arg(long, value_name = "NAME")]
        filename: Option<String>,
        /// Its MIME type, where content and name do not tell it
        #[arg(long, value_name = "TYPE")]
        mime_type: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Tell where a file can be fetched, its type, size and hash
    Get {
        /// Its id
        id: String,
        #[command(flatten)]
        how: How,
    },
    /// Fetch a file: an upload, or what a customer sent
    Download {
        /// Its id
        id: String,
        /// Where to write it, in place of what is there; - is standard output
        path: String,
        /// Longest file that is taken, in bytes: 104857600 (100 MB) unless given
        #[arg(long, value_name = "N")]
        max_bytes: Option<u64>,
        #[command(flatten)]
        how: How,
    },
    /// Delete a file that Meta has
    Delete {
        /// Its id
        id: String,
        #[command(flatten)]
        how: How,
    },
}

// Options of each of them.
#[derive(Debug, Args)]
struct How {
    /// Print the whole result as JSON
    #[arg(long)]
    json: bool,
    /// Longest time for the call with all its attempts
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<Seconds>,
    #[command(flatten)]
    client: ClientArguments,
}

impl How {
    fn options(&self) -> CallOptions {
        CallOptions { timeout_ms: self.timeout.map(|time| time.0), ..CallOptions::default() }
    }
}

/// Runs the command to its end.
pub(crate) async fn run(arguments: Arguments) -> Result<u8, Failure> {
    let mut out = std::io::stdout();
    let (is_json, told) = match arguments.command {
        Command::Upload { file, filename, mime_type, how } => {
            let client = watched(how.client.client_of_one()?);
            let mut upload = media::Upload::new(file);
            (upload.filename, upload.mime_type) = (filename, mime_type);
            let uploaded = client.call_with(upload, &how.options()).await;
            (how.json, uploaded.map(|uploaded| (uploaded.id.clone(), json!(uploaded))))
        }
        Command::UploadHandle { file, filename, mime_type, how } => {
            let client = watched(how.client.client()?);
            let mut upload = media::UploadHandle::new(file);
            (upload.filename, upload.mime_type) = (filename, mime_type);
            let uploaded = client.call_with(upload, &how.options()).await;
            (how.json, uploaded.map(|uploaded| (uploaded.handle.clone(), json!(uploaded))))
        }
        Command::Get { id, how } => {
            let info = how.client.client_of_one()?.call_with(media::Get::new(id), &how.options()).await;
            (how.json, info.map(|info| (described(&info), json!(info))))
        }
        Command::Download { id, path, max_bytes, how } => {
            let is_output = path == "-";
            let mut download = media::Download::new(id);
            (download.path, download.max_bytes) = ((!is_output).then_some(path), max_bytes);
            let downloaded = how.client.client_of_one()?.call_with(download, &how.options()).await;
            if let Ok(media::DownloadedMedia { data: Some(data), .. }) = &downloaded {
                out.write_all(data)?;
                out.flush()?;
                return Ok(exit::DONE);
            }
            (how.json, downloaded.map(|one| (one.path.clone().unwrap_or_default(), json!(one))))
        }
        Command::Delete { id, how } => {
            let done = how.client.client_of_one()?.call_with(media::Delete::new(id.as_str()), &how.options()).await;
            (how.json, done.map(|done| (format!("{id} is deleted"), json!(done))))
        }
    };
    match told {
        Ok((_, whole)) if is_json => writeln!(out, "{whole}")?,
        Ok((line, _)) => writeln!(out, "{line}")?,
        Err(error) => {
            if is_json {
                writeln!(out, "{}", json!({"error": error.to_value()}))?;
            }
            return Err(error.into());
        }
    }
    Ok(exit::DONE)
}

fn described(info: &media::MediaInfo) -> String {
    let mut lines = vec![format!("url        {}", info.url)];
    lines.extend(info.mime_type.as_ref().map(|mime_type| format!("mime type  {mime_type}")));
    lines.extend(info.file_size.map(|bytes| format!("size       {bytes} bytes")));
    lines.extend(info.sha256.as_ref().map(|sha256| format!("sha256     {sha256}")));
    lines.join("\n")
}

/// Shows on a terminal how far an upload is.
fn watched(client: Client) -> Client {
    if !std::io::stderr().is_terminal() {
        return client;
    }
    client.with_upload_progress(Arc::new(|UploadProgress { sent_bytes, total_bytes }| {
        let percent = sent_bytes * 100 / total_bytes.max(1);
        let end = if sent_bytes == total_bytes { "\n" } else { "" };
        let _ = write!(std::io::stderr(), "\r{percent:3} % of {total_bytes} bytes{end}");
    }))
}
