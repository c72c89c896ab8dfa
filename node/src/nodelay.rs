//! Sends every answer at once.
//!
//! The SDK's RPC server leaves Nagle's algorithm on: of two answers on one connection, the second
//! waits until the client has acknowledged the first, which clients put off for 40 ms. A client that
//! asks several things at once, as the worker does, waits that long again and again. On Linux a
//! connection inherits `TCP_NODELAY` from the socket that it is accepted on, and that is set here,
//! since the server does not let anybody set it.

use sc_network::multiaddr::{Multiaddr, Protocol};

/// Set `TCP_NODELAY` on the sockets that listen at these addresses. Returns on how many.
#[cfg(target_os = "linux")]
pub fn send_at_once(addresses: &[Multiaddr]) -> usize {
	use socket2::SockRef;
	use std::os::fd::BorrowedFd;

	let ports: Vec<u16> = addresses.iter().filter_map(port).collect();
	let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return 0 };
	// Collected first, so that the descriptor of the listing is not among those looked at.
	let descriptors: Vec<i32> = entries
		.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
		.filter(|descriptor| *descriptor > 2)
		.collect();
	let listens_here = |socket: &SockRef<'_>| {
		let port = socket.local_addr().ok()?.as_socket()?.port();
		(socket.is_listener().ok()? && ports.contains(&port)).then_some(())
	};
	descriptors
		.into_iter()
		.filter(|descriptor| {
			// SAFETY: the number is only asked for socket options. If its file was closed meanwhile
			// the kernel says so, and if another took its place it is asked what it is.
			let borrowed = unsafe { BorrowedFd::borrow_raw(*descriptor) };
			let socket = SockRef::from(&borrowed);
			listens_here(&socket).is_some_and(|()| socket.set_tcp_nodelay(true).is_ok())
		})
		.count()
}

/// Elsewhere connections do not inherit the option.
#[cfg(not(target_os = "linux"))]
pub fn send_at_once(_: &[Multiaddr]) -> usize {
	0
}

#[cfg(target_os = "linux")]
fn port(address: &Multiaddr) -> Option<u16> {
	address.iter().find_map(|part| match part {
		Protocol::Tcp(port) => Some(port),
		_ => None,
	})
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
	use super::*;
	use socket2::SockRef;
	use std::net::{TcpListener, TcpStream};

	#[test]
	fn connections_accepted_at_the_address_send_at_once_and_others_do_not() {
		let accepted = |listener: &TcpListener| {
			let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
			let (server, _) = listener.accept().unwrap();
			drop(client);
			SockRef::from(&server).tcp_nodelay().unwrap()
		};
		let [ours, other] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
		let port = ours.local_addr().unwrap().port();
		let address: Multiaddr = format!("/ip4/127.0.0.1/tcp/{port}/ws").parse().unwrap();
		assert!(!accepted(&ours));
		assert_eq!(send_at_once(&[address]), 1);
		assert!(accepted(&ours));
		assert!(!accepted(&other));
	}
}
