use std::io::{Read, Result, Write};
use std::net::TcpStream;

fn main() -> Result<()> {
    let mut stream = TcpStream::connect("app.xtrakit.com:80")?;
    stream.write_all(
        b"GET /api/v1/customers/1 HTTP/1.0\r\nHost: app.xtrakit.com\r\n\
          Authorization: Bearer 92857043717beff382ae75c8dc7514162f04\r\n\r\n",
    )?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    print!("{response}");
    Ok(())
}
