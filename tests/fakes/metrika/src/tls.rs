//! TLS by certificates that are made at the start and trusted by nobody who was not given the
//! authority's. A name that is not the fake's own is a fault a sender must not overlook.

use std::sync::Arc;

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio_rustls::TlsAcceptor;

/// What a server shows, and what a client must trust for it.
pub struct Certified {
    pub(crate) acceptor: TlsAcceptor,
    /// The authority's certificate.
    pub authority_pem: String,
}

/// A certificate for `name` and no other, of an authority of its own.
pub fn certified(name: &str) -> anyhow::Result<Certified> {
    let authority_key = KeyPair::generate().context("cannot make a key")?;
    let mut authority = CertificateParams::new(Vec::new()).context("cannot begin a certificate")?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_pem = authority.self_signed(&authority_key).context("cannot sign a certificate")?.pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().context("cannot make a key")?;
    let own = CertificateParams::new(vec![name.to_owned()]).context("no name of a server")?;
    let own = own.signed_by(&key, &issuer).context("cannot sign a certificate")?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("cannot choose versions of TLS")?
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .context("cannot use the certificate")?;
    Ok(Certified { acceptor: TlsAcceptor::from(Arc::new(config)), authority_pem })
}
