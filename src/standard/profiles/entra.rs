//! Microsoft Entra ID: what claims mapping policies and custom claims providers can put into tokens.

use super::Effect::{Declines, Ignores, Keeps};
use super::{Fact, Is, Profile, Shape, Source, Verb};
use crate::standard::{Token, Tokens};

const RESTRICTED: Source = Source {
    title: "Microsoft identity platform: Claims customization reference, JWT restricted claim set",
    version: "MicrosoftDocs/entra-docs at 0795c28",
};
const PROVIDER: Source = Source {
    title: "Microsoft identity platform: Custom claims provider reference",
    version: "MicrosoftDocs/entra-docs at 08d7daf, 2025-05",
};
const GROUPS: Source =
    Source { title: "Microsoft Entra Connect: Configure group claims for applications", version: "" };

pub(super) static PROFILE: Profile = Profile {
    name: "entra",
    title: "Entra ID",
    mechanism: "a claims mapping policy with a custom claims provider",
    tokens: Tokens::BOTH.with(Token::Saml),
    facts: &[
        Fact {
            tokens: Tokens::BOTH,
            is: Is::Closed(
                ". _claim_names _claim_sources aai access_token account_type acct acr acrs actor actortoken \
                 ageGroup aio altsecid amr app_chain app_displayname app_res appctx appctxsender appid appidacr \
                 assertion at_hash aud auth_data auth_time authorization_code azp azpacr bk_claim bk_enclave \
                 bk_pub brk_client_id brk_redirect_uri c_hash ca_enf ca_policy_result capolids \
                 capolids_latebind cc cert_token_use child_client_id child_redirect_uri client_id client_ip \
                 cloud_graph_host_name cloud_instance_host_name cloud_instance_name CloudAssignedMdmId cnf code \
                 controls controls_auds credential_keys csr csr_type ctry deviceid dns_names domain_dns_name \
                 domain_netbios_name e_exp email endpoint enfpolids exp expires_on fido_auth_data fido_ver fwd \
                 fwd_appidacr grant_type graph group_sids groups hasgroups hash_alg haswids home_oid home_puid \
                 home_tid iat identityprovider idp idtyp in_corp instance inviteTicket ipaddr \
                 isbrowserhostedapp iss isViral jwk key_id key_type login_hint mam_compliance_url \
                 mam_enrollment_url mam_terms_of_use_url mdm_compliance_url mdm_enrollment_url \
                 mdm_terms_of_use_url msgraph_host msproxy nameid nbf netbios_name nickname nonce oid \
                 on_prem_id onprem_sam_account_name onprem_sid openid2_id origin_header password platf polids \
                 pop_jwk preferred_username previous_refresh_token primary_sid prov_data puid pwd_exp pwd_url \
                 rdp_bt redirect_uri refresh_token refresh_token_issued_on refreshtoken request_nonce resource \
                 rh role roles rp_id rt_type scope scp secaud sid signature signin_state source_anchor src1 \
                 src2 sub target_deviceid tbid tbidv2 tenant_ctry tenant_display_name tenant_id \
                 tenant_region_scope tenant_region_sub_scope thumbnail_photo tid tokenAutologonEnabled \
                 trustedfordelegation ttr unique_name upn user_agent user_setting_sync_url username uti ver \
                 verified_primary_email verified_secondary_email vnet vsm_binding_key wamcompat_client_info \
                 wamcompat_id_token wamcompat_scopes wids win_ver x5c_ca xcb2b_rclient xcb2b_rcloud \
                 xcb2b_rtenant ztdid",
                Keeps,
            ),
            note: "the restricted claim set: no policy changes it",
            source: RESTRICTED,
        },
        Fact {
            tokens: Tokens::BOTH,
            is: Is::ClosedPrefix("xms_ extn.", Keeps),
            note: "the restricted claim set: no policy changes it",
            source: RESTRICTED,
        },
        Fact {
            tokens: Tokens::BOTH.with(Token::Saml),
            is: Is::AllTyped(Shape::StringOrStrings, Declines),
            note: "Boolean and JSON values are not supported",
            source: PROVIDER,
        },
        Fact {
            tokens: Tokens::BOTH.with(Token::Saml),
            is: Is::MaxBytes(3_072, Declines),
            note: "documented as 3 KB, the sum of names and values that the provider returns",
            source: PROVIDER,
        },
        Fact {
            tokens: Tokens::BOTH.with(Token::Saml),
            is: Is::MaxClaims(50, Ignores),
            note: "claims of one mapping policy; transformations likewise",
            source: RESTRICTED,
        },
        Fact {
            tokens: Tokens::BOTH.with(Token::Saml),
            is: Is::Known(
                "the issuer's own `groups` names at most 200 groups in JWTs (6 in the implicit flow) and 150 in SAML; \
                 beyond, `hasgroups`, or `_claim_names` and `_claim_sources`, stand in place",
            ),
            note: "",
            source: GROUPS,
        },
        Fact {
            tokens: Tokens::ALL,
            is: Is::Lacks(&[
                Verb::Remove,
                Verb::Deny,
                Verb::AddScope,
                Verb::RemoveScope,
                Verb::LimitScopes,
                Verb::SetAudience,
                Verb::LimitLifetime,
            ]),
            note: "a provider's only action is to provide claims for the token",
            source: PROVIDER,
        },
    ],
};
