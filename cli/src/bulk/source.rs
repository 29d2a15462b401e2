//! The file of a campaign: where it is, how it is written, and its rows one after the other.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::lines::{LineEnds, Noting};
use super::sniff::{is_json, is_text, not_utf8, sniff};
use crate::exit::{self, Failure};
use crate::term::counted;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Columns with their names in the first line, and what stands between them.
    Csv(u8),
    /// A JSON object in each line.
    Lines,
}

/// A file that can be read from its beginning as often as needed.
pub(crate) struct Source {
    /// Its name, for people.
    pub(crate) name: String,
    file: File,
    pub(crate) format: Format,
    /// Bytes before the first row: a byte order mark.
    begin: u64,
    /// Of CSV all there are; of JSON lines those of the first row.
    pub(crate) columns: Arc<Vec<String>>,
}

/// A row that can be read, or why it cannot.
#[derive(Debug)]
pub(crate) struct Row {
    /// Where it begins in the file, from 1.
    pub(crate) line: u64,
    pub(crate) cells: Result<Cells, String>,
}

#[derive(Debug)]
pub(crate) enum Cells {
    Csv(Arc<Vec<String>>, csv::StringRecord),
    Json(Map<String, Value>),
}

impl Cells {
    /// What stands in a column, as text; `None` where there is no such column.
    pub(crate) fn text(&self, column: &str) -> Option<Cow<'_, str>> {
        match self {
            Cells::Csv(columns, record) => {
                let at = columns.iter().position(|name| name == column)?;
                record.get(at).map(|cell| Cow::Borrowed(cell.trim()))
            }
            Cells::Json(members) => match members.get(column)? {
                Value::String(text) => Some(Cow::Borrowed(text)),
                Value::Null => Some(Cow::Borrowed("")),
                other => Some(Cow::Owned(other.to_string())),
            },
        }
    }

    /// What stands in a column if it is more than text.
    pub(crate) fn value(&self, column: &str) -> Option<&Value> {
        match self {
            Cells::Csv(..) => None,
            Cells::Json(members) => members.get(column).filter(|value| !value.is_string() && !value.is_null()),
        }
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";
/// As much of a file as is looked at to find out how it is written.
const HEAD: u64 = 64 * 1024;
/// A row that is longer than this is a quote that nobody closed.
const LONGEST_LINE: u64 = 1024 * 1024;

impl Source {
    /// Opens a file, or keeps standard input (`-`) in a temporary one, since the whole is checked before any of it is sent.
    pub(crate) fn open(path: &str, format: Option<&str>, separator: Option<u8>) -> Result<Self, Failure> {
        let cannot = |what: &str, error: io::Error| Failure::usage(format!("{what} cannot be read: {error}"));
        let (name, mut file) = if path == "-" {
            let mut file = tempfile::tempfile().map_err(|error| cannot("standard input", error))?;
            io::copy(&mut io::stdin().lock(), &mut file).map_err(|error| cannot("standard input", error))?;
            ("standard input".to_owned(), file)
        } else {
            (path.to_owned(), File::open(path).map_err(|error| cannot(path, error))?)
        };
        file.seek(SeekFrom::Start(0)).map_err(|error| cannot(&name, error))?;
        let mut head = Vec::new();
        file.by_ref().take(HEAD).read_to_end(&mut head).map_err(|error| cannot(&name, error))?;
        is_text(&name, &head)?;
        let begin = if head.starts_with(BOM) { BOM.len() } else { 0 };
        let text = &head[begin..];
        let format = match format {
            Some("jsonl") => Format::Lines,
            None if is_json(path, text) => Format::Lines,
            _ => Format::Csv(separator.unwrap_or_else(|| sniff(text))),
        };
        let mut source = Source { name, file, format, begin: begin as u64, columns: Arc::default() };
        source.columns = Arc::new(source.read_columns()?);
        Ok(source)
    }

    fn read_columns(&mut self) -> Result<Vec<String>, Failure> {
        let wrong = |what: &str| Failure::usage(format!("{} {what}", self.name));
        if self.format == Format::Lines {
            let first = self.rows()?.next_row()?.ok_or_else(|| wrong("is empty"))?;
            // What is wrong with a first row is told with the others.
            return Ok(match first.cells {
                Ok(Cells::Json(members)) => members.keys().cloned().collect(),
                _ => Vec::new(),
            });
        }
        let Reader::Csv(mut reader, _) = self.rows()?.reader else { return Ok(Vec::new()) };
        let header = reader.byte_headers().map_err(|error| wrong(&format!("cannot be read: {error}")))?;
        let mut columns = Vec::new();
        for cell in header {
            let name = std::str::from_utf8(cell).map_err(|_| not_utf8(&self.name, 1))?.trim().to_owned();
            if !name.is_empty() && columns.contains(&name) {
                return Err(wrong(&format!("has two columns that are called {name:?}; give one of them another name")));
            }
            columns.push(name);
        }
        if columns.iter().all(String::is_empty) {
            return Err(wrong("is empty, or its first line does not name the columns"));
        }
        Ok(columns)
    }

    /// The rows from the first on. One reader at a time.
    pub(crate) fn rows(&self) -> Result<Rows, Failure> {
        let again = || -> io::Result<File> {
            let mut file = self.file.try_clone()?;
            file.seek(SeekFrom::Start(self.begin))?;
            Ok(file)
        };
        let file =
            again().map_err(|error| Failure::new(exit::FAILED, format!("{} cannot be read: {error}", self.name)))?;
        let reader = match self.format {
            Format::Csv(separator) => {
                let ends = LineEnds::default();
                let mut builder = csv::ReaderBuilder::new();
                builder.delimiter(separator).flexible(true);
                Reader::Csv(Box::new(builder.from_reader(Noting::new(file, ends.clone()))), ends)
            }
            Format::Lines => Reader::Lines(BufReader::new(file)),
        };
        Ok(Rows { reader, name: self.name.clone(), columns: self.columns.clone(), line: 0 })
    }
}

enum Reader {
    Csv(Box<csv::Reader<Noting<File>>>, LineEnds),
    Lines(BufReader<File>),
}

/// The rows of a file, one after the other.
pub(crate) struct Rows {
    reader: Reader,
    name: String,
    columns: Arc<Vec<String>>,
    /// The line that was read last, of JSON lines.
    line: u64,
}

impl Rows {
    /// The next row that is not blank.
    ///
    /// # Errors
    /// When the file cannot be read on, or is no UTF-8.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, Failure> {
        loop {
            let row = match &mut self.reader {
                Reader::Csv(reader, ends) => Self::csv(reader, ends, &self.columns, &self.name)?,
                Reader::Lines(reader) => Self::json(reader, &mut self.line, &self.name)?,
            };
            match row {
                // Spreadsheets leave rows of separators behind.
                Some(Row { cells: Ok(Cells::Csv(_, record)), .. })
                    if record.iter().all(|cell| cell.trim().is_empty()) => {}
                row => return Ok(row),
            }
        }
    }

    fn csv(
        reader: &mut csv::Reader<Noting<File>>,
        ends: &LineEnds,
        columns: &Arc<Vec<String>>,
        name: &str,
    ) -> Result<Option<Row>, Failure> {
        let mut record = csv::ByteRecord::new();
        let more = reader.read_byte_record(&mut record);
        if !more.map_err(|error| Failure::new(exit::FAILED, format!("{name} cannot be read: {error}")))? {
            return Ok(None);
        }
        let line = ends.line(record.position().map_or(0, csv::Position::byte));
        let record = csv::StringRecord::from_byte_record(record).map_err(|_| not_utf8(name, line))?;
        let (has, wants) = (record.len(), columns.len());
        let is_blank = record.iter().all(|cell| cell.trim().is_empty());
        let further_lines = record.iter().flat_map(str::bytes).filter(|byte| *byte == b'\n').count() as u64;
        let cells = if has == wants || is_blank {
            Ok(Cells::Csv(columns.clone(), record))
        } else {
            let values = counted(has as u64, "value", "values");
            let why = match further_lines {
                0 => "a separator or a quote is missing or too many".to_owned(),
                more => format!("a quote that begins there ends in line {} or nowhere", line + more),
            };
            Err(format!("has {values}, the first line names {}: {why}", counted(wants as u64, "column", "columns")))
        };
        Ok(Some(Row { line, cells }))
    }

    fn json(reader: &mut BufReader<File>, line: &mut u64, name: &str) -> Result<Option<Row>, Failure> {
        loop {
            let mut bytes = Vec::new();
            let read = reader.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', &mut bytes);
            let read = read.map_err(|error| Failure::new(exit::FAILED, format!("{name} cannot be read: {error}")))?;
            if read == 0 {
                return Ok(None);
            }
            *line += 1;
            if read as u64 > LONGEST_LINE {
                return Err(Failure::usage(format!("line {line} of {name} is longer than 1 MB: it is not JSON lines")));
            }
            let text = std::str::from_utf8(&bytes).map_err(|_| not_utf8(name, *line))?.trim();
            if text.is_empty() {
                continue;
            }
            let cells = match serde_json::from_str::<Value>(text) {
                Ok(Value::Object(members)) => Ok(Cells::Json(members)),
                Ok(_) => Err("is JSON, but no object".to_owned()),
                Err(error) => Err(format!("is not JSON: {error}")),
            };
            return Ok(Some(Row { line: *line, cells }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(bytes: &[u8], ending: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn open(bytes: &[u8], ending: &str) -> Result<Source, Failure> {
        Source::open(file(bytes, ending).path().to_str().unwrap(), None, None)
    }

    fn read(source: &Source, column: &str) -> Vec<(u64, Option<String>)> {
        let mut rows = source.rows().unwrap();
        let mut all = Vec::new();
        while let Some(row) = rows.next_row().unwrap() {
            all.push((row.line, row.cells.ok().and_then(|cells| cells.text(column).map(Cow::into_owned))));
        }
        all
    }

    fn text(line: u64, text: &str) -> (u64, Option<String>) {
        (line, Some(text.to_owned()))
    }

    #[test]
    fn separators_marks_quotes_and_line_ends_are_understood() {
        for bytes in [
            "\u{feff}phone,name\r\n+15550001234,\"Ana, Silva\"\r\n+15550005678, Bea \r\n",
            "phone;name\n+15550001234;\"Ana, Silva\"\n+15550005678;Bea\n",
            "phone\tname\n+15550001234\tAna, Silva\n+15550005678\tBea",
        ] {
            let source = open(bytes.as_bytes(), ".csv").unwrap_or_else(|failure| panic!("{}", failure.message));
            assert_eq!(*source.columns, ["phone", "name"], "{bytes:?}");
            assert_eq!(read(&source, "name"), [text(2, "Ana, Silva"), text(3, "Bea")], "{bytes:?}");
            // Again from the beginning.
            assert_eq!(read(&source, "phone"), [text(2, "+15550001234"), text(3, "+15550005678")]);
        }
    }

    #[test]
    fn rows_that_do_not_fit_are_told_and_blank_ones_are_none() {
        let source = open(b"phone,name\n+1,Ana\n,\n\n+2\n+3,\"two\nlines\"\n+4,Dora\n", ".csv").unwrap();
        assert_eq!(read(&source, "name"), [text(2, "Ana"), (5, None), text(6, "two\nlines"), text(8, "Dora")]);
    }

    #[test]
    fn json_lines_have_members_for_columns() {
        let source = open(b"{\"phone\": \"+1\", \"n\": 5}\n\n[1]\n{oops\n{\"phone\": null}\n", "").unwrap();
        assert_eq!(source.format, Format::Lines);
        assert_eq!(*source.columns, ["phone", "n"]);
        assert_eq!(read(&source, "phone"), [text(1, "+1"), (3, None), (4, None), text(5, "")]);
        assert_eq!(read(&source, "n"), [text(1, "5"), (3, None), (4, None), (5, None)]);
    }

    #[test]
    fn other_encodings_and_workbooks_are_refused_with_what_to_do() {
        let told =
            |bytes: &[u8]| open(bytes, ".csv").map(|source| read(&source, "name")).err().map(|failure| failure.message);
        assert!(told(b"\xff\xfep\0h\0").unwrap().contains("UTF-16"));
        assert!(told(b"p\0h\0o\0").unwrap().contains("UTF-16"));
        assert!(told(b"PK\x03\x04....").unwrap().contains("workbook"));
        assert!(told(b"phone,n\xe4me\n").unwrap().contains("Windows-1252"));
        assert!(told(b"").unwrap().contains("empty"));
        assert!(told(b"phone,phone\n").unwrap().contains("two columns"));
        let mut rows = open(b"phone,name\n+1,Ana\n+2,Zo\xeb\n", ".csv").unwrap().rows().unwrap();
        assert!(rows.next_row().is_ok());
        let failure = rows.next_row().unwrap_err();
        assert!(failure.message.contains("line 3") && failure.message.contains("Windows-1252"), "{}", failure.message);
        assert_eq!(failure.code, exit::USAGE);
    }
}
