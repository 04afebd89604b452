//! What ASP.NET Core renames: the claims that its handler for bearer tokens shows under another type, unless
//! `MapInboundClaims` is off.
//!
//! The table is `dotnet.csv`, fields separated by `;`: the inbound map of Microsoft.IdentityModel (`ClaimTypeMapping.cs` in
//! AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet), with the URIs of .NET's
//! `System.Security.Claims.ClaimTypes` in the place of its constants.

use std::sync::LazyLock;

/// Sorted by name.
static MAP: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let mut map: Vec<_> =
        include_str!("dotnet.csv").lines().skip(1).filter_map(|line| line.split_once(';')).collect();
    map.sort_unstable();
    map
});

/// The type under which .NET shows a claim of a JWT, if it is another one.
pub fn renamed(name: &str) -> Option<&'static str> {
    let index = MAP.binary_search_by_key(&name, |(name, _)| name).ok()?;
    MAP.get(index).map(|(_, ty)| *ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_complete() {
        assert_eq!(MAP.len(), 73);
        assert!(MAP.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(MAP.iter().all(|(name, ty)| !name.is_empty() && ty.starts_with("http://schemas.")));
    }

    #[test]
    fn subject_and_roles_are_renamed_and_names_of_ones_own_are_not() {
        let nameidentifier = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";
        assert_eq!(renamed("sub"), Some(nameidentifier));
        assert_eq!(renamed("nameid"), Some(nameidentifier));
        assert_eq!(renamed("roles"), Some("http://schemas.microsoft.com/ws/2008/06/identity/claims/role"));
        for name in ["name", "groups", "scope", "aud", "https://acme.example/claims/role"] {
            assert_eq!(renamed(name), None, "{name}");
        }
    }
}
