//! Printed vouchers, looked at as whoever holds one does: each page becomes a picture, and another's program reads its QR
//! codes.
//!
//! `cargo xtask test` names the program that makes pictures in `PDFTOPPM`. Without it these tests pass without looking at
//! anything; `REQUIRE_PDFTOPPM` makes that an error.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use persistence::{on_both_databases, testing::TestDatabase};
use rqrr::PreparedImage;
use serde_json::json;

use crate::app::TestApp;

/// Pixels to an inch: what a common thermal printer has.
const RESOLUTION: usize = 203;

on_both_databases!(every_printed_code_leads_to_its_voucher);

async fn every_printed_code_leads_to_its_voucher(database: TestDatabase) {
    let Some(program) = program() else { return };
    let app = TestApp::with(database, &[("REDEEM_URL", "https://wifi.example.cd/fr/redeem/")]).await;
    let admin = app.log_in("admin@demo.test").await;
    let end = (app.around.ambient().now() + chrono::Duration::days(90)).to_rfc3339();
    let body = json!({
        "name": "Kiosque Gombe", "user_profile_id": app.package("1DAY").await, "count": 30, "prefix": "GMB",
        "expires_at": end,
    });
    let batch = app.post("/api/v1/admin/voucher-batches", &admin, body).await.data(201);
    let print = format!("/api/v1/admin/voucher-batches/{}/print", batch["id"].as_str().unwrap());
    let csv = app.post(&print, &admin, json!({"form": "csv"})).await.body;
    let cell = |line: &str, place: usize| line.split(',').nth(place).unwrap().to_owned();
    let lines: Vec<&str> = csv.as_str().unwrap().lines().skip(1).collect();
    let addresses: BTreeSet<String> = lines.iter().map(|line| cell(line, 2)).collect();
    let codes: BTreeSet<String> =
        lines.iter().map(|line| cell(line, 1).replace("GMB-", "").replace('-', "")).collect();
    let led_to: BTreeSet<String> = addresses
        .iter()
        .map(|address| address.strip_prefix("https://wifi.example.cd/fr/redeem#").unwrap().to_owned())
        .collect();
    assert_eq!((led_to, addresses.len()), (codes, 30));

    for (form, locale, pages, width) in
        [("a4", "fr", 2, 210), ("roll58", "en", 30, 58), ("roll80", "fr", 30, 80)]
    {
        let body = json!({"form": form, "locale": locale, "reason": "to look at it"});
        let file = app.bytes_of(&print, &admin, body).await;
        let pictures = pictures(&app, &program, form, &file);
        assert_eq!(pictures.len(), pages, "{form}");
        let mut read = BTreeSet::new();
        for picture in pictures {
            assert!(picture.width.abs_diff(width * RESOLUTION * 10 / 254) <= 1, "{form}: {}", picture.width);
            let (columns, rows) = if form == "a4" { (3, 8) } else { (1, 1) };
            read.extend(picture.parts(columns, rows).iter().flat_map(Picture::qr_codes));
        }
        assert_eq!(read, addresses, "{form}");
    }
    app.end().await;
}

/// The program that makes pictures of pages, if it is named.
pub fn program() -> Option<PathBuf> {
    let program = std::env::var_os("PDFTOPPM").filter(|program| !program.is_empty()).map(PathBuf::from);
    let demanded = std::env::var("REQUIRE_PDFTOPPM").is_ok_and(|value| !value.is_empty() && value != "0");
    assert!(program.is_some() || !demanded, "PDFTOPPM names no program, and REQUIRE_PDFTOPPM is set");
    program
}

/// What is to be read on the pages of a PDF, as it stands there. What lies beyond the edge of a page is not to be read.
pub fn text_of(app: &TestApp, program: &Path, pdf: &[u8]) -> String {
    let file = app.database.folder().join("to-read.pdf");
    fs::write(&file, pdf).unwrap();
    let mut reader = Command::new(program.with_file_name("pdftotext"));
    let read = reader.arg("-layout").arg(&file).arg("-").output().unwrap();
    assert!(read.status.success(), "{read:?}");
    String::from_utf8(read.stdout).unwrap()
}

/// A page in shades of grey.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

/// A picture of each page of a PDF.
fn pictures(app: &TestApp, program: &PathBuf, name: &str, pdf: &[u8]) -> Vec<Picture> {
    let folder = app.database.folder().join(name);
    fs::create_dir(&folder).unwrap();
    let file = folder.join("file.pdf");
    fs::write(&file, pdf).unwrap();
    let resolution = RESOLUTION.to_string();
    let made = Command::new(program)
        .args(["-gray", "-r", &resolution])
        .arg(&file)
        .arg(folder.join("page"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let mut pages: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| *path != file)
        .collect();
    pages.sort();
    pages.iter().map(|page| Picture::read(&fs::read(page).unwrap())).collect()
}

impl Picture {
    /// Reads a Portable Grey Map, as `pdftoppm` writes it: `P5`, width, height and depth between blanks, and the pixels.
    fn read(bytes: &[u8]) -> Self {
        let mut rest = bytes;
        let mut words = Vec::new();
        while words.len() < 4 {
            let end = rest.iter().position(u8::is_ascii_whitespace).unwrap();
            words.push(String::from_utf8(rest[..end].to_vec()).unwrap());
            rest = &rest[end + 1..];
        }
        assert_eq!((words[0].as_str(), words[3].as_str()), ("P5", "255"));
        Self { width: words[1].parse().unwrap(), height: words[2].parse().unwrap(), pixels: rest.to_vec() }
    }

    /// As many equal parts as labels are cut out of the page: all but the edge of 9 mm.
    fn parts(&self, columns: usize, rows: usize) -> Vec<Self> {
        let edge = if columns * rows == 1 { 0 } else { 9 * RESOLUTION * 10 / 254 };
        let (width, height) = ((self.width - 2 * edge) / columns, (self.height - 2 * edge) / rows);
        let part = |place: usize| {
            let (left, top) = (edge + place % columns * width, edge + place / columns * height);
            let lines = (top..top + height).map(|y| y * self.width + left);
            let pixels = lines.flat_map(|start| &self.pixels[start..start + width]).copied().collect();
            Self { width, height, pixels }
        };
        (0..columns * rows).map(part).collect()
    }

    /// What the QR codes on it say.
    fn qr_codes(&self) -> BTreeSet<String> {
        let mut image = PreparedImage::prepare_from_greyscale(self.width, self.height, |x, y| {
            self.pixels[y * self.width + x]
        });
        image.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect()
    }
}
