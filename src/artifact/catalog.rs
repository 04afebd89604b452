//! The facts of claims.yaml.

use std::collections::BTreeMap;

use super::Fault;
use super::checker::Checker;
use super::reader::Reader;
use super::wire::{Wire, wire_enum, wire_struct};
#[cfg(feature = "compiler")]
use super::writer::Writer;
use crate::catalog::{
    Audience, Budget, ById, Catalog, Client, Constant, ForeignNamespace, Lifetimes, Party, PrivateClaim,
    Root, World,
};
use crate::standard::Grant;
use crate::ty::Shape;

wire_struct!(Catalog {
    is_given,
    issuer,
    profile,
    owned_domains,
    foreign_namespaces,
    private_claims,
    labels,
    lifetimes,
    config,
    audiences,
    audience_world,
    audience_sets,
    default_audience,
    issuer_endpoints,
    clients,
    client_world,
    connections,
    organizations,
    inputs,
    explicit_delegation,
    locked,
    budget,
    by_id,
});
wire_struct!(Audience { id, accepts, max_token_bytes, scopes, lifetimes, span });
wire_struct!(Client { id, name, confidential, grants, audiences, metadata, accepts, lifetimes, span });
wire_struct!(Party { id, name, strategy, span });
wire_struct!(PrivateClaim { ty, reason, span });
wire_struct!(Constant { value, span });
wire_struct!(ForeignNamespace { reason, span });
wire_struct!(Lifetimes { access_token, id_token });
wire_struct!(Budget { proposals, states, requests, variations, recipients, sizes, shrinking });

wire_enum! { World {
    0 => Closed,
    1 => Open,
    2 => Dynamic,
} }

wire_enum! { Grant {
    0 => AuthorizationCode,
    1 => Implicit,
    2 => Hybrid,
    3 => Password,
    4 => ClientCredentials,
    5 => RefreshToken,
    6 => DeviceCode,
    7 => TokenExchange,
    8 => JwtBearer,
    9 => Ciba,
    10 => SamlSso,
} }

wire_enum! { Root {
    0 => Grant,
    1 => Client,
    2 => Audience,
    3 => Scopes,
    4 => Requested,
    5 => Original,
    6 => User,
    7 => Connection,
    8 => Organization,
    9 => Session,
    10 => Actor,
    11 => Request,
    12 => External,
    13 => Config,
    14 => Now,
} }

/// The shape of each root, in the order of [`Root::ALL`].
impl Wire for BTreeMap<Root, Shape> {
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer) {
        for root in &Root::ALL {
            self.get(root).cloned().write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut shapes = BTreeMap::new();
        for root in Root::ALL {
            shapes.extend(Option::read(from)?.map(|shape| (root, shape)));
        }
        Some(shapes)
    }

    fn check(of: &mut Checker<'_>) -> Result<(), Fault> {
        Root::ALL.iter().try_for_each(|_| Option::<Shape>::check(of))
    }
}

/// Noted anew wherever it is needed.
impl Wire for ById {
    #[cfg(feature = "compiler")]
    fn write(&self, _: &mut Writer) {}

    fn read(_: &mut Reader<'_>) -> Option<Self> {
        Some(ById::default())
    }

    fn check(_: &mut Checker<'_>) -> Result<(), Fault> {
        Ok(())
    }
}
