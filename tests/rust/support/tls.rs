//! A certificate of an authority of our own.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// An authority as a PEM file, which goes with this.
pub(crate) struct Authority(PathBuf);

impl Authority {
    pub(crate) fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Speaks TLS with a certificate for `name`; and the authority that it is from.
pub(crate) fn acceptor(name: &str) -> (TlsAcceptor, Authority) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let serial: u64 = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), root.der().as_ref());
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("authority-{serial:016x}.pem"));
    std::fs::write(&file, root.pem()).unwrap();
    (TlsAcceptor::from(Arc::new(config)), Authority(file))
}
